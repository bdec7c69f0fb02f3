import { ARRAY, BOOL, DOUBLE, INT, KEY, KVLIST, STRING, VALUE, VALUES } from './common-fields.ts'
import type { AttributeValue } from './span-record.ts'
import { ATTRIBUTES } from './trace-fields.ts'

/**
 * Attributes as they stand in a span of OTLP protobuf, for an `AttributeSplicer`: encoded once, added to many spans. Whole
 * numbers become int64 and others double, as the JavaScript SDKs do it; integers beyond 64 bits are cut to them.
 */
export function encodeAttributes(
  attributes: Iterable<readonly [string, AttributeValue]>,
): Uint8Array {
  return Uint8Array.from(
    [...attributes].flatMap(([key, value]) => message(ATTRIBUTES, keyValue(key, value))),
  )
}

function keyValue(key: string, value: AttributeValue): number[] {
  return [...text(KEY, key), ...message(VALUE, anyValue(value))]
}

/** Recursion is as deep as the value. */
function anyValue(value: AttributeValue | undefined): number[] {
  if (value === undefined) return []
  if (typeof value === 'string') return text(STRING, value)
  if (typeof value === 'boolean') return [BOOL, value ? 1 : 0]
  if (typeof value === 'bigint') return [INT, ...varint(value)]
  if (typeof value === 'number') return number(value)
  if (isMap(value))
    return message(
      KVLIST,
      [...value].flatMap(([key, each]) => message(VALUES, keyValue(key, each))),
    )
  return message(
    ARRAY,
    value.flatMap((each) => message(VALUES, anyValue(each))),
  )
}

/** Arrays have keys, too, but no `get`. */
function isMap(
  value: readonly unknown[] | ReadonlyMap<string, AttributeValue>,
): value is ReadonlyMap<string, AttributeValue> {
  return 'get' in value
}

function number(value: number): number[] {
  // -0 is no integer: an int64 would lose its sign.
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return [INT, ...varint(BigInt(value))]
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return [DOUBLE, ...bytes]
}

function text(tag: number, content: string): number[] {
  return message(tag, [...new TextEncoder().encode(content)])
}

function message(tag: number, content: readonly number[]): number[] {
  return [tag, ...varint(BigInt(content.length)), ...content]
}

function varint(value: bigint): number[] {
  const bytes: number[] = []
  let left = BigInt.asUintN(64, value)
  for (; left > 0x7fn; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80)
  return [...bytes, Number(left)]
}
