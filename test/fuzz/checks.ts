import { deepStrictEqual, match } from 'node:assert'
import {
  AttributeSplicer,
  type AttributeValue,
  type DecodedSpans,
  decodeTracesJson,
  decodeTracesProtobuf,
  encodeAttributes,
  OtlpDecodeError,
  TracesDecoder,
} from '@qflow-otel/analyzer'
import { checkMetrics, checkMetricsJson, type MetricTally, noMetrics } from './metric-checks.ts'
import { decodeByPeer } from './peer.ts'
import { referenceSpans } from './reference.ts'

/** What a reader made of a body: its spans in a form that can be compared, or its error. */
type Outcome =
  | {
      readonly kind: 'decoded'
      readonly spans: readonly PlainSpan[]
      readonly rejected: unknown
      readonly clipped: object
    }
  | { readonly kind: 'refused'; readonly message: string; readonly at: string }

interface PlainSpan {
  readonly attributes: readonly [string, AttributeValue][]
}

/** How often each check had something to compare: a check that never compares anything is none. */
export interface Tally extends MetricTally {
  readCount: number
  agreedCount: number
  refusedByPeerCount: number
  stricterCount: number
  splicedCount: number
  jsonReadCount: number
}

/** The readers under test, which see all bodies one after the other, as in a collector. */
export class FuzzedReaders {
  readonly tally: Tally = {
    readCount: 0,
    agreedCount: 0,
    refusedByPeerCount: 0,
    stricterCount: 0,
    splicedCount: 0,
    jsonReadCount: 0,
    ...noMetrics(),
  }
  readonly #decoder = new TracesDecoder()
  readonly #splicer = new AttributeSplicer()

  /** Throws when something is wrong with what the readers say of a body. */
  checkProtobuf(body: Uint8Array): void {
    const own = outcome(() => this.#decoder.protobuf(body))
    deepStrictEqual(
      own,
      outcome(() => decodeTracesProtobuf(body)),
      'memory changes what is read',
    )
    this.#checkAgainstPeer(body, own)
    if (own.kind === 'refused') return
    this.tally.readCount++
    if (own.spans.length > 0) this.#checkSplice(body, own)
  }

  checkJson(value: unknown): void {
    const own = outcome(() => this.#decoder.json(value))
    deepStrictEqual(
      own,
      outcome(() => decodeTracesJson(value)),
      'memory changes what is read',
    )
    if (own.kind === 'decoded') this.tally.jsonReadCount++
  }

  checkMetrics(body: Uint8Array): void {
    checkMetrics(body, this.tally)
  }

  checkMetricsJson(value: unknown): void {
    checkMetricsJson(value, this.tally)
  }

  /** What protobufjs accepts is what we read, and what it refuses we refuse. */
  #checkAgainstPeer(body: Uint8Array, own: Outcome): void {
    let message: Record<string, unknown>
    try {
      message = decodeByPeer(body)
    } catch (error) {
      this.tally.refusedByPeerCount++
      if (own.kind === 'decoded') match(String(error), PEER_IS_STRICTER, 'protobufjs refuses it')
      return
    }
    if (own.kind === 'refused') {
      match(own.message, STRICTER, 'protobufjs accepts it')
      this.tally.stricterCount++
      return
    }
    const fromJson = outcome(() => decodeTracesJson(withHexIds(message)))
    deepStrictEqual(own, fromJson, 'the JSON reader reads something else')
    if (Object.keys(own.clipped).length > 0) return
    deepStrictEqual(own.spans, referenceSpans(message), 'protobufjs reads something else')
    this.tally.agreedCount++
  }

  /** Spans that were refused keep their place among all, so that every second of all is spliced. */
  #checkSplice(body: Uint8Array, own: Outcome & { readonly kind: 'decoded' }): void {
    const added: [string, AttributeValue][] = [['qflow.added', 0.5]]
    const addition = encodeAttributes(added)
    const spliced = this.#splicer.splice(body, ({ spanId }) =>
      isChosen(spanId) ? addition : undefined,
    )
    const expected = own.spans.map((span) => {
      if (!isChosen(Reflect.get(span, 'spanId'))) return span
      return { ...span, attributes: [...new Map([...span.attributes, ...added])] }
    })
    const result = outcome(() => this.#decoder.protobuf(spliced))
    deepStrictEqual(result, { ...own, spans: expected }, 'splicing changes something else')
    this.tally.splicedCount++
  }
}

/** We make do with malformed UTF-8, groups that another field's tag ends, and more than 32 bits where only those count. */
const PEER_IS_STRICTER =
  /not valid for encoding utf-8|invalid end group tag|invalid (tag|length) encoding/

/**
 * Groups nest 32 deep at most in our reader and 100 in protobufjs, which also takes the tenth byte of a 32-bit varint for its
 * last one whatever it says.
 */
const STRICTER = /groups nested 32 deep at most|varint of at most 10 bytes/

const isChosen = (spanId: string) => spanId.endsWith('0') || spanId < '8'

function outcome(read: () => DecodedSpans): Outcome {
  try {
    const { spans, rejected, rejectedCount, clipped } = read()
    const plain = spans.map(({ attributes, resource, ...rest }) => ({
      ...rest,
      attributes: [...attributes],
      resource: [resource.serviceName, [...resource.attributes]],
    }))
    return { kind: 'decoded', spans: plain, rejected: [rejectedCount, rejected], clipped }
  } catch (error) {
    // Anything but a typed error is what we look for.
    if (!(error instanceof OtlpDecodeError)) throw error
    return { kind: 'refused', message: error.message, at: error.at }
  }
}

/** protobufjs gives bytes as base64, and OTLP/JSON has ids as hex. */
function withHexIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withHexIds)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      ID_FIELDS.has(key)
        ? Buffer.from(String(member), 'base64').toString('hex')
        : withHexIds(member),
    ]),
  )
}

const ID_FIELDS: ReadonlySet<string> = new Set(['traceId', 'spanId', 'parentSpanId'])
