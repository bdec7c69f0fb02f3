import { encodingOf } from '../receive/signal.ts'

/**
 * How many items the backend says it refused in a 200 answer; 0 when it says nothing that can be read,
 * because then the protocol counts everything as accepted.
 *
 * | field | number | type |
 * |---|---|---|
 * | partial_success | 1 | message |
 * | partial_success.rejected_<items> | 1 | int64 |
 */
export function partialSuccessCount(body: Buffer, contentType: string | undefined): number {
  return encodingOf(contentType) === 'json' ? ofJson(body) : ofProtobuf(body)
}

const jsonFields = ['rejectedSpans', 'rejectedDataPoints', 'rejectedLogRecords']

function ofJson(body: Buffer): number {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'))
    const partial = memberOf(answer, 'partialSuccess')
    const counts = jsonFields.map((field) => Number(memberOf(partial, field) ?? 0))
    return counts.find((count) => Number.isSafeInteger(count) && count > 0) ?? 0
  } catch {
    // Not JSON: nothing that can be read.
    return 0
  }
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  // An object from JSON; its members are unknown.
  return (value as Record<string, unknown>)[name]
}

function ofProtobuf(body: Buffer): number {
  const partial = fieldOne(body)
  if (!(partial instanceof Buffer)) return 0
  const count = fieldOne(partial)
  return typeof count === 'number' ? count : 0
}

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/** The last value of field 1, a number or bytes; `undefined` when there is none or the bytes break off. */
function fieldOne(bytes: Buffer): number | Buffer | undefined {
  let found: number | Buffer | undefined
  for (let at = 0; at < bytes.length; ) {
    const tag = varintAt(bytes, at)
    if (tag === undefined) return undefined
    at = tag.next
    const wireType = tag.value % 8
    const value = wireType === VARINT || wireType === BYTES ? varintAt(bytes, at) : undefined
    const end = endOf({ wireType, at, value, length: bytes.length })
    if (end === undefined) return undefined
    if (Math.floor(tag.value / 8) === 1 && value !== undefined)
      found = wireType === VARINT ? value.value : bytes.subarray(value.next, end)
    at = end
  }
  return found
}

function endOf(field: {
  wireType: number
  at: number
  value: { value: number; next: number } | undefined
  length: number
}): number | undefined {
  const { wireType, at, value, length } = field
  const end =
    wireType === FIXED64
      ? at + 8
      : wireType === FIXED32
        ? at + 4
        : wireType === VARINT
          ? value?.next
          : wireType === BYTES && value !== undefined
            ? value.next + value.value
            : undefined
  return end !== undefined && end <= length ? end : undefined
}

function varintAt(bytes: Buffer, at: number): { value: number; next: number } | undefined {
  let value = 0
  for (let index = 0; index < 8; index++) {
    const byte = bytes[at + index]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, next: at + index + 1 }
  }
  // Longer than 56 bits: no count of items.
  return undefined
}
