import { BOOL, DOUBLE, INT, KEY, STRING, VALUE } from './common-fields.ts'
import { MAX_NAME_LENGTH } from './limits.ts'
import { NAME_PLACE } from './span-batch.ts'
import type { Gap, SpanGaps, ValueGap } from './span-template.ts'
import {
  ATTRIBUTES,
  END_TIME_UNIX_NANO,
  NAME,
  PARENT_SPAN_ID,
  SPAN_ID,
  START_TIME_UNIX_NANO,
  TRACE_ID,
} from './trace-fields.ts'
import { BYTES, type WireReader } from './wire.ts'

/** Content of the fields that differ in every span. */
const BYTES_OF: ReadonlyMap<number, number> = new Map([
  [TRACE_ID, 16],
  [SPAN_ID, 8],
  [PARENT_SPAN_ID, 8],
  [START_TIME_UNIX_NANO, 8],
  [END_TIME_UNIX_NANO, 8],
])

/**
 * Where what differs stands in the span from `start` to the end of the innermost message, which was read without error;
 * `wire` is at that end afterwards. Absent where a span is not what most are: every field once and of its usual length, each
 * of its `attributeCount` attributes a scalar with a key of its own.
 */
export function spanGaps(
  wire: WireReader,
  { start, headByteCount }: { readonly start: number; readonly headByteCount: number },
  attributeCount: number,
): SpanGaps | undefined {
  const first = start - headByteCount
  const fixed = new Map<number, Gap>()
  const values: ValueGap[] = []
  let place = 0
  wire.pos = start
  while (wire.pos < wire.end) {
    const tag = wire.tag()
    const fieldAt = wire.pos
    wire.skip(tag)
    const end = wire.pos
    const byteCount = BYTES_OF.get(tag)
    if (byteCount !== undefined) {
      const isWhole = end - fieldAt === byteCount + headCount(wire, fieldAt, tag)
      if (fixed.has(tag) || !isWhole) return undefined
      fixed.set(tag, { at: end - byteCount - first, end: end - first })
    } else if (tag === NAME || tag === ATTRIBUTES) {
      const gap =
        tag === NAME ? textGap(wire, fieldAt, NAME_PLACE) : valueGap(wire, fieldAt, place++)
      // What has fewer bytes than that is not clipped, whatever its characters are.
      if (tag === NAME && gap !== undefined && gap.end - gap.at > MAX_NAME_LENGTH) return undefined
      if (gap === undefined || values.some((one) => one.place === gap.place)) return undefined
      values.push({ ...gap, at: gap.at - first, end: gap.end - first })
      wire.pos = end
    }
  }
  if (place !== attributeCount) return undefined
  const traceId = fixed.get(TRACE_ID)
  const spanId = fixed.get(SPAN_ID)
  const startUnixNs = fixed.get(START_TIME_UNIX_NANO)
  if (traceId === undefined || spanId === undefined || startUnixNs === undefined) return undefined
  const parentSpanId = fixed.get(PARENT_SPAN_ID)
  const endUnixNs = fixed.get(END_TIME_UNIX_NANO)
  return { traceId, spanId, parentSpanId, startUnixNs, endUnixNs, values }
}

/** Bytes of the length that stands at `at`: a number of known width has none. */
function headCount(wire: WireReader, at: number, tag: number): number {
  if ((tag & 7) !== BYTES) return 0
  const { pos } = wire
  wire.pos = at
  wire.uint32()
  const count = wire.pos - at
  wire.pos = pos
  return count
}

/** Of the text whose length stands at `at`. */
function textGap(wire: WireReader, at: number, place: number): ValueGap {
  wire.pos = at
  const length = wire.uint32()
  return { kind: STRING, at: wire.pos, end: wire.pos + length, place }
}

/** Of the KeyValue whose length stands at `at`; absent when it is more than a key and a scalar. */
function valueGap(wire: WireReader, at: number, place: number): ValueGap | undefined {
  wire.pos = at
  const spanEnd = wire.enter()
  const pairEnd = wire.end
  const gap = scalarGap(wire, place)
  wire.leave(spanEnd)
  // Nothing stands behind the value, and nothing was clipped.
  return gap?.end === pairEnd && pairEnd - at <= MAX_NAME_LENGTH ? gap : undefined
}

function scalarGap(wire: WireReader, place: number): ValueGap | undefined {
  if (!isNext(wire, KEY)) return undefined
  wire.skip(KEY)
  if (!isNext(wire, VALUE)) return undefined
  wire.enter()
  if (wire.pos === wire.end) return undefined
  const kind = wire.tag()
  if (kind === STRING) return textGap(wire, wire.pos, place)
  if (kind !== DOUBLE && kind !== INT && kind !== BOOL) return undefined
  const at = wire.pos
  wire.skip(kind)
  return { kind, at, end: wire.pos, place }
}

function isNext(wire: WireReader, tag: number): boolean {
  return wire.pos < wire.end && wire.tag() === tag
}
