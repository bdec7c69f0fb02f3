import type { ValueBounds } from './attributes-protobuf.ts'
import { normalBase64 } from './base64.ts'
import { errorUnder } from './decode-error.ts'
import {
  expected,
  integerOf,
  type JsonObject,
  listIn,
  member,
  objectAt,
  pathOf,
  textIn,
} from './json-shape.ts'
import {
  MAX_ATTRIBUTE_COUNT,
  MAX_MEMBER_COUNT,
  MAX_NAME_LENGTH,
  MAX_VALUE_DEPTH,
} from './limits.ts'
import type { AttributeValue } from './span-record.ts'
import { exactInteger } from './wire.ts'

/**
 * The attributes of `object`, bounded and counted exactly as the protobuf reader does. Paths are put together only
 * when an error is on its way: building them for every value took most of the time.
 */
export function attributesIn(
  object: JsonObject,
  at: string,
  bounds: ValueBounds,
): Map<string, AttributeValue> {
  const attributes = new Map<string, AttributeValue>()
  eachIn(listIn(object, 'attributes', at), pathOf(at, 'attributes'), (entry) => {
    if (attributes.size >= MAX_ATTRIBUTE_COUNT) bounds.tally.clip('attribute_count')
    else addMember(attributes, entry, bounds, 0)
  })
  return attributes
}

function eachIn(items: readonly unknown[], path: string, read: (item: unknown) => void): void {
  let index = 0
  try {
    for (; index < items.length; index++) read(items[index])
  } catch (error) {
    throw errorUnder(error, `${path}[${index}]`)
  }
}

function addMember(
  into: Map<string, AttributeValue>,
  entry: unknown,
  bounds: ValueBounds,
  depth: number,
): void {
  const pair = objectAt(entry, '')
  const key = textIn(pair, 'key', '')
  const raw = member(pair, 'value')
  if (raw === undefined) return
  const value = anyValue(raw, 'value', bounds, depth)
  if (value !== undefined)
    into.set(bounds.tally.clipText(key, MAX_NAME_LENGTH, 'attribute_key_length'), value)
}

/** Recursion is bounded by `MAX_VALUE_DEPTH`; deeper values are cut off and counted. */
function anyValue(
  raw: unknown,
  at: string,
  bounds: ValueBounds,
  depth: number,
): AttributeValue | undefined {
  const value = objectAt(raw, at)
  for (const key in value) {
    const content = member(value, key)
    if (content === undefined) continue
    // biome-ignore format: one kind of value, one line
    switch (key) {
      case 'stringValue': if (typeof content === 'string') return clipped(content, bounds); return fail('a string', content, pathOf(at, key))
      case 'boolValue': if (typeof content === 'boolean') return content; return fail('a boolean', content, pathOf(at, key))
      case 'intValue': return intOf(content) ?? fail('a 64-bit integer as string or number', content, pathOf(at, key))
      case 'doubleValue': return doubleOf(content) ?? fail('a number', content, pathOf(at, key))
      case 'bytesValue': return clipped(base64Of(content) ?? fail('base64 text', content, pathOf(at, key)), bounds)
      case 'arrayValue': return listOf(objectAt(content, pathOf(at, key)), pathOf(at, key), bounds, depth + 1)
      case 'kvlistValue': return mapOf(objectAt(content, pathOf(at, key)), pathOf(at, key), bounds, depth + 1)
    }
  }
  return undefined
}

function clipped(text: string, { maxTextLength, tally }: ValueBounds): string {
  return tally.clipText(text, maxTextLength, 'attribute_value_length')
}

function listOf(
  array: JsonObject,
  at: string,
  bounds: ValueBounds,
  depth: number,
): AttributeValue | undefined {
  const values: (AttributeValue | undefined)[] = []
  eachIn(membersOf(array, at, bounds, depth), pathOf(at, 'values'), (item) => {
    const isEmpty = item === null || item === undefined
    values.push(isEmpty ? undefined : anyValue(item, '', bounds, depth))
  })
  return values
}

function mapOf(
  list: JsonObject,
  at: string,
  bounds: ValueBounds,
  depth: number,
): AttributeValue | undefined {
  const members = new Map<string, AttributeValue>()
  eachIn(membersOf(list, at, bounds, depth), pathOf(at, 'values'), (item) =>
    addMember(members, item, bounds, depth),
  )
  return members
}

function membersOf(
  list: JsonObject,
  at: string,
  { tally }: ValueBounds,
  depth: number,
): readonly unknown[] {
  const items = listIn(list, 'values', at)
  if (depth > MAX_VALUE_DEPTH) {
    tally.clip('attribute_depth')
    return []
  }
  if (items.length <= MAX_MEMBER_COUNT) return items
  tally.clip('attribute_member_count', items.length - MAX_MEMBER_COUNT)
  return items.slice(0, MAX_MEMBER_COUNT)
}

function intOf(content: unknown): number | bigint | undefined {
  const integer = integerOf(content)
  if (integer === undefined || BigInt.asIntN(64, integer) !== integer) return undefined
  return exactInteger(integer)
}

const SPECIAL_DOUBLES: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

function doubleOf(content: unknown): number | undefined {
  if (typeof content === 'number') return content
  const special = SPECIAL_DOUBLES.get(content)
  if (special !== undefined) return special
  if (typeof content !== 'string' || content.trim() === '') return undefined
  const number = Number(content)
  return Number.isNaN(number) ? undefined : number
}

function base64Of(content: unknown): string | undefined {
  return typeof content === 'string' ? normalBase64(content) : undefined
}

function fail(what: string, found: unknown, at: string): never {
  throw expected(what, found, at)
}
