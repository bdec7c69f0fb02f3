import { AttributeList } from './otlp/attribute-list.ts'
import type { AttributeValue } from './otlp/span-record.ts'

/**
 * What a value looks like as JSON: bigint as decimal string, Map as object, `undefined` members absent. NaN and the
 * infinities, which only a user's attribute can hold, become text as in OTLP/JSON.
 */
export type Plain<T> = [T, AttributeValue] extends [AttributeValue, T]
  ? PlainAttributeValue
  : PlainMember<T>

/** An attribute's value nests in itself, so its form is written down: a compiler cannot unfold it. */
export type PlainAttributeValue =
  | string
  | number
  | boolean
  | readonly (PlainAttributeValue | undefined)[]
  | { readonly [key: string]: PlainAttributeValue }

type PlainMember<T> = T extends bigint
  ? string
  : T extends string | number | boolean | undefined
    ? T
    : T extends ReadonlyMap<string, infer V>
      ? Readonly<Record<string, Plain<V>>>
      : T extends readonly (infer E)[]
        ? readonly Plain<E>[]
        : { readonly [K in keyof T]: Plain<T[K]> }

/**
 * The JSON form of an answer, ready for `JSON.stringify`. Recursion follows the value's depth, so spans are
 * given as flat lists (`ExecutionReport`), never as deep trees of hostile input.
 */
export function plain<T>(value: T): Plain<T> {
  // One dynamic walk serves every shape; `Plain` states what it yields for each.
  return walk(value) as Plain<T>
}

function walk(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(walk)
  const isMap = value instanceof Map || value instanceof AttributeList
  const entries = isMap ? [...value] : Object.entries(value)
  const present = entries.filter(([, member]) => member !== undefined)
  return Object.fromEntries(present.map(([key, member]) => [key, walk(member)]))
}
