import type { DecodeTally } from './decode-tally.ts'
import { MAX_NAME_LENGTH } from './limits.ts'
import { overlongId, overlongReason } from './overlong-id.ts'
import type { Attributes, Resource, SpanKind, SpanLink, SpanRecord } from './span-record.ts'

/** A span as a format's reader found it, with nothing checked. */
export interface RawSpan {
  /** Ids as lower-case hex digits, however many; those of links may be any text. */
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly traceState: string
  readonly name: string
  readonly kind: number
  readonly startUnixNs: bigint
  readonly endUnixNs: bigint
  readonly attributes: Attributes
  readonly links: readonly SpanLink[]
  readonly statusCode: number
}

const TRACE_ID = /^[0-9a-f]{32}$/
const SPAN_ID = /^[0-9a-f]{16}$/
const ZEROS = /^0*$/
const ZERO_TRACE_ID = '0'.repeat(32)
const ZERO_SPAN_ID = '0'.repeat(16)

const KINDS: readonly SpanKind[] = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
]

/**
 * The one gate for spans of all formats: a span without usable ids or start, or with an id that is too long, is refused with its
 * place, the rest of the batch goes on. A span that ends before it starts, or has not ended, is kept: the assembler flags it.
 */
export function checkedSpan(
  raw: RawSpan,
  resource: Resource,
  at: () => string,
  tally: DecodeTally,
): SpanRecord | undefined {
  const { traceId, spanId, startUnixNs } = raw
  const parentSpanId = isSpanId(raw.parentSpanId) ? raw.parentSpanId : undefined
  const refuse = (field: keyof RawSpan | 'startTimeUnixNano', expected: string, found: string) =>
    tally.rejectAt(at, field, `expected ${expected}, found ${found}`)
  if (traceId.length !== 32 || traceId === ZERO_TRACE_ID)
    return refuse('traceId', '16 bytes that are not all zero', shownId(traceId))
  if (!isSpanId(spanId)) return refuse('spanId', '8 bytes that are not all zero', shownId(spanId))
  if (parentSpanId === undefined && !ZEROS.test(raw.parentSpanId))
    return refuse('parentSpanId', '8 bytes or none', shownId(raw.parentSpanId))
  if (startUnixNs === 0n) return refuse('startTimeUnixNano', 'ns since 1970', 'none')
  const longKey = overlongId(raw.attributes)
  if (longKey !== undefined)
    return tally.rejectAt(at, `attributes.${longKey}`, overlongReason(raw.attributes.get(longKey)))
  return {
    traceId,
    spanId,
    parentSpanId,
    traceState: tally.clipText(raw.traceState, MAX_NAME_LENGTH, 'trace_state_length'),
    name: tally.clipText(raw.name, MAX_NAME_LENGTH, 'name_length'),
    kind: kindOf(raw.kind),
    startUnixNs,
    endUnixNs: raw.endUnixNs,
    attributes: raw.attributes,
    links: checkedLinks(raw.links, tally),
    status: statusOf(raw.statusCode),
    resource,
  }
}

function isSpanId(id: string): boolean {
  return id.length === 16 && id !== ZERO_SPAN_ID
}

/** A link that points nowhere is dropped and counted; it does not make its span bad. */
function checkedLinks(links: readonly SpanLink[], tally: DecodeTally): readonly SpanLink[] {
  if (links.length === 0) return links
  const lower = links.map(({ traceId, spanId }) => ({
    traceId: traceId.toLowerCase(),
    spanId: spanId.toLowerCase(),
  }))
  const good = lower.filter(({ traceId, spanId }) => TRACE_ID.test(traceId) && SPAN_ID.test(spanId))
  if (good.length < links.length) tally.clip('link_without_ids', links.length - good.length)
  return good
}

export function resourceOf(attributes: Attributes): Resource {
  if (attributes.size === 0) return EMPTY_RESOURCE
  const serviceName = attributes.get('service.name')
  return {
    serviceName: typeof serviceName === 'string' ? serviceName : undefined,
    attributes,
  }
}

export const EMPTY_RESOURCE: Resource = { serviceName: undefined, attributes: new Map() }

export function kindOf(kind: number): SpanKind {
  return KINDS[kind] ?? 'unspecified'
}

export function statusOf(code: number): SpanRecord['status'] {
  if (code === 1) return 'ok'
  return code === 2 ? 'error' : 'unset'
}

/** Ids are short; what is longer is not shown whole. */
function shownId(id: string): string {
  if (id === '') return 'none'
  return id.length <= 40 ? `"${id}"` : `"${id.slice(0, 40)}…" (${id.length} digits)`
}
