import { DecodeMemory } from './decode-memory.ts'
import type { DecodedBatch, DecodedSpans } from './span-record.ts'
import { TracesJsonReader } from './traces-json.ts'
import { TracesProtobufReader } from './traces-protobuf.ts'

/**
 * Reads OTLP trace bodies that follow each other. It remembers keys, texts and ids of the bodies before, within a bound,
 * which makes reading faster and equal texts one string; what is read is the same as by a new one.
 */
export class TracesDecoder {
  readonly #protobuf: TracesProtobufReader
  readonly #json: TracesJsonReader

  constructor() {
    const memory = new DecodeMemory()
    this.#protobuf = new TracesProtobufReader(memory)
    this.#json = new TracesJsonReader(memory)
  }

  /**
   * Unknown fields are skipped; a bad span is refused with its place and the rest is kept. Throws `WireError` for a body
   * that is not the protobuf of a trace request.
   */
  protobuf(bytes: Uint8Array): DecodedSpans {
    const { spans, ...losses } = this.#protobuf.read(bytes)
    return { spans: spans.slice(), ...losses }
  }

  /** The same for an analyzer, which needs few of the spans as objects. */
  batch(bytes: Uint8Array): DecodedBatch {
    return this.#protobuf.read(bytes)
  }

  /**
   * Parsed OTLP/JSON: hex ids of any case, 64-bit integers as string or number, unknown fields ignored. A bad span is
   * refused with its path and the rest is kept. Throws `OtlpDecodeError` with the path when the shape around the spans is
   * wrong.
   */
  json(value: unknown): DecodedSpans {
    return this.#json.read(value)
  }
}

/** One protobuf body, as `TracesDecoder` reads it. */
export function decodeTracesProtobuf(bytes: Uint8Array): DecodedSpans {
  return new TracesDecoder().protobuf(bytes)
}

/** One parsed JSON body, as `TracesDecoder` reads it. */
export function decodeTracesJson(value: unknown): DecodedSpans {
  return new TracesDecoder().json(value)
}
