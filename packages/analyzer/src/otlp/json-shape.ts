import { OtlpDecodeError } from './decode-error.ts'

/**
 * An object of a parsed JSON text. Keys such as `__proto__` are data: a member is read by `member`, or in a hot loop by a
 * name that no object inherits.
 */
export type JsonObject = Readonly<Record<string, unknown>>

/** A field by its own name; `null` is as good as absent. */
export function member(object: JsonObject, key: string): unknown {
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  return isAbsent(value) ? undefined : value
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectAt(value: unknown, at: string): JsonObject {
  if (isObject(value)) return value
  throw expected('an object', value, at)
}

/** A repeated field: absent is empty. */
export function listIn(object: JsonObject, key: string, at: string): readonly unknown[] {
  return listOf(member(object, key), pathOf(at, key))
}

export function listOf(value: unknown, at: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (isAbsent(value)) return []
  throw expected('an array', value, at)
}

export function textIn(object: JsonObject, key: string, at: string): string {
  return textOf(member(object, key), pathOf(at, key))
}

export function textOf(value: unknown, at: string): string {
  if (typeof value === 'string') return value
  if (isAbsent(value)) return ''
  throw expected('a string', value, at)
}

/** An id: hex digits of any case, lower-case then. How many there must be, the caller knows. */
export function hexOf(value: unknown, at: string): string {
  const text = textOf(value, at)
  if (LOWER_HEX.test(text)) return text
  const lower = text.toLowerCase()
  if (LOWER_HEX.test(lower)) return lower
  throw unfit('hex digits', value, at)
}

const LOWER_HEX = /^[0-9a-f]*$/

/** An enum: an integer, or one of the names that some exporters write. */
export function enumOf(value: unknown, at: string, names: readonly string[]): number {
  if (isAbsent(value)) return 0
  if (typeof value === 'number' && Number.isInteger(value)) return value
  const index = typeof value === 'string' ? names.indexOf(value) : -1
  if (index !== -1) return index
  throw unfit('an integer enum', value, at)
}

const MAX_UINT64 = 2n ** 64n - 1n

/** fixed64: a decimal string or a number, since both are in use. */
export function uint64Of(value: unknown, at: string): bigint {
  if (isAbsent(value)) return 0n
  const integer = integerOf(value)
  if (integer !== undefined && integer >= 0n && integer <= MAX_UINT64) return integer
  throw unfit('an unsigned 64-bit integer as string or number', value, at)
}

/** A whole number however it is written; `undefined` for anything else. */
export function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined
  if (typeof value !== 'string' || !/^-?\d{1,20}$/.test(value)) return undefined
  return BigInt(value)
}

/** `null` is as good as absent, as in proto3 JSON. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

export function expected(what: string, found: unknown, at: string): OtlpDecodeError {
  return new OtlpDecodeError(`expected ${what}, found ${shown(found)}`, at)
}

/** As long as a trace id; a longer text where an id, an enum or a number should stand may be anything. */
const MAX_SHOWN_LENGTH = 32

/** `expected` for ids, enums and numbers: these are no payload, and who sees one that is wrong knows what wrote it. */
function unfit(what: string, found: unknown, at: string): OtlpDecodeError {
  const isShort = typeof found === 'string' && found.length <= MAX_SHOWN_LENGTH
  if (!isShort) return expected(what, found, at)
  return new OtlpDecodeError(`expected ${what}, found ${JSON.stringify(found)}`, at)
}

export function pathOf(at: string, key: string): string {
  return at === '' ? key : `${at}.${key}`
}

/** Enough to recognise it, never a payload. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'string') return `a string of ${value.length} characters`
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'object' ? 'an object' : typeof value
}
