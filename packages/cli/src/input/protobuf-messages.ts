import { MAX_DOCUMENT_BYTES, mib } from './byte-stream.ts'
import type { InputDocument } from './input-document.ts'
import { InputError } from './input-error.ts'

/**
 * Cuts an OTLP body (`TracesData`, `ExportTraceServiceRequest`) at its top-level fields. Each is a body of its
 * own, because protobuf messages may be concatenated.
 * Source: protobuf encoding, "Last One Wins" and "Message structure".
 */
export async function* readTopLevelFields(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<InputDocument> {
  yield* cutMessages(chunks, (bytes, at) => {
    if (bytes[0] !== RESOURCE_BLOCK_TAG) {
      const found = `byte 0x${(bytes[0] ?? 0).toString(16).padStart(2, '0')}`
      throw new InputError({ at, expected: 'a resource block of OTLP protobuf (0x0a)', found })
    }
    const length = varintAt(bytes, 1)
    return length && { headBytes: 1 + length.byteCount, bodyBytes: length.value, isHeadKept: true }
  })
}

/** Cuts the file exporter's `format: proto`: each message behind its length, 4 bytes, big-endian. */
export async function* readPrefixedMessages(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<InputDocument> {
  yield* cutMessages(chunks, (bytes) =>
    bytes.length < 4
      ? undefined
      : { headBytes: 4, bodyBytes: bytes.readUInt32BE(0), isHeadKept: false },
  )
}

/** Field 1, length-delimited. */
const RESOURCE_BLOCK_TAG = 0x0a
/** A varint of a length that we accept fits in 5 bytes. */
const MAX_VARINT_BYTES = 5
/** Tag and length, or the length prefix: what a cut is read from. */
const MAX_HEAD_BYTES = 1 + MAX_VARINT_BYTES

interface Cut {
  readonly headBytes: number
  readonly bodyBytes: number
  readonly isHeadKept: boolean
}

/** @param cutAt reads a message's head; nothing when more bytes are needed for it. */
async function* cutMessages(
  chunks: AsyncIterable<Buffer>,
  cutAt: (bytes: Buffer, at: string) => Cut | undefined,
): AsyncGenerator<InputDocument> {
  const held = new ByteQueue()
  let byteOffset = 0
  for await (const chunk of chunks) {
    held.add(chunk)
    for (;;) {
      const cut =
        held.byteCount === 0 ? undefined : cutAt(held.peek(MAX_HEAD_BYTES), `byte ${byteOffset}`)
      if (cut !== undefined) refuseTooLong(cut, byteOffset)
      if (cut === undefined || held.byteCount < cut.headBytes + cut.bodyBytes) break
      const message = held.take(cut.headBytes + cut.bodyBytes)
      const bytes = cut.isHeadKept ? message : message.subarray(cut.headBytes)
      yield { kind: 'protobuf', bytes, byteOffset }
      byteOffset += message.length
    }
  }
  if (held.byteCount === 0) return
  const cut = cutAt(held.peek(MAX_HEAD_BYTES), `byte ${byteOffset}`)
  throw new InputError({
    at: `byte ${byteOffset + held.byteCount}`,
    expected: cut ? `${cut.bodyBytes} bytes of a message` : 'the length of a message',
    found: `the end after ${held.byteCount} bytes`,
  })
}

function refuseTooLong({ bodyBytes }: Cut, byteOffset: number): void {
  if (bodyBytes <= MAX_DOCUMENT_BYTES) return
  throw new InputError({
    at: `byte ${byteOffset}`,
    expected: `a message of at most ${mib(MAX_DOCUMENT_BYTES)}`,
    found: `a length of ${bodyBytes} bytes`,
  })
}

function varintAt(bytes: Buffer, start: number): { value: number; byteCount: number } | undefined {
  let value = 0
  for (let at = 0; at < MAX_VARINT_BYTES; at++) {
    const byte = bytes[start + at]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return { value, byteCount: at + 1 }
  }
  return { value: Number.POSITIVE_INFINITY, byteCount: MAX_VARINT_BYTES }
}

/** Chunks in order; joined only when a message spans several. */
class ByteQueue {
  #chunks: Buffer[] = []
  #byteCount = 0

  get byteCount(): number {
    return this.#byteCount
  }

  add(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#byteCount += chunk.length
  }

  /** The first bytes, without taking them. */
  peek(count: number): Buffer {
    return this.#front(Math.min(count, this.#byteCount)).subarray(0, count)
  }

  take(count: number): Buffer {
    const front = this.#front(count)
    this.#chunks[0] = front.subarray(count)
    if (this.#chunks[0].length === 0) this.#chunks.shift()
    this.#byteCount -= count
    return front.subarray(0, count)
  }

  /** The first chunk, grown to at least `count` bytes. */
  #front(count: number): Buffer {
    const [first] = this.#chunks
    if (first !== undefined && first.length >= count) return first
    let used = 0
    for (let length = 0; length < count && used < this.#chunks.length; used++) {
      length += this.#chunks[used]?.length ?? 0
    }
    const front = Buffer.concat(this.#chunks.slice(0, used))
    this.#chunks.splice(0, used, front)
    return front
  }
}
