import type { ValueBounds } from './attributes-protobuf.ts'
import { normalBase64 } from './base64.ts'
import {
  expected,
  integerOf,
  type JsonObject,
  listIn,
  member,
  objectAt,
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

/** The attributes of `object`, bounded and counted exactly as the protobuf reader does. */
export function attributesIn(
  object: JsonObject,
  at: string,
  bounds: ValueBounds,
): Map<string, AttributeValue> {
  const attributes = new Map<string, AttributeValue>()
  for (const [index, entry] of listIn(object, 'attributes', at).entries()) {
    if (attributes.size >= MAX_ATTRIBUTE_COUNT) bounds.tally.clip('attribute_count')
    else addMember(attributes, entry, { at: `${at}.attributes[${index}]`, bounds, depth: 0 })
  }
  return attributes
}

interface Place {
  readonly at: string
  readonly bounds: ValueBounds
  readonly depth: number
}

function addMember(into: Map<string, AttributeValue>, entry: unknown, place: Place): void {
  const { at, bounds } = place
  const pair = objectAt(entry, at)
  const key = textIn(pair, 'key', at)
  const raw = member(pair, 'value')
  if (raw === undefined) return
  const value = anyValue(raw, { ...place, at: `${at}.value` })
  if (value !== undefined)
    into.set(bounds.tally.clipText(key, MAX_NAME_LENGTH, 'attribute_key_length'), value)
}

/** Recursion is bounded by `MAX_VALUE_DEPTH`; deeper values are cut off and counted. */
function anyValue(raw: unknown, place: Place): AttributeValue | undefined {
  const { at, bounds } = place
  const value = objectAt(raw, at)
  const clipped = (text: string): string =>
    bounds.tally.clipText(text, bounds.maxTextLength, 'attribute_value_length')
  for (const key of Object.keys(value)) {
    const content = member(value, key)
    if (content === undefined) continue
    const wrong = (what: string) => expected(what, content, `${at}.${key}`)
    // biome-ignore format: one kind of value, one line
    switch (key) {
      case 'stringValue': if (typeof content === 'string') return clipped(content); throw wrong('a string')
      case 'boolValue': if (typeof content === 'boolean') return content; throw wrong('a boolean')
      case 'intValue': return intOf(content) ?? fail(wrong('a 64-bit integer as string or number'))
      case 'doubleValue': return doubleOf(content) ?? fail(wrong('a number'))
      case 'bytesValue': return clipped(base64Of(content) ?? fail(wrong('base64 text')))
      case 'arrayValue': return listOf(objectAt(content, `${at}.${key}`), { ...place, at: `${at}.${key}`, depth: place.depth + 1 })
      case 'kvlistValue': return mapOf(objectAt(content, `${at}.${key}`), { ...place, at: `${at}.${key}`, depth: place.depth + 1 })
    }
  }
  return undefined
}

function listOf(array: JsonObject, place: Place): AttributeValue | undefined {
  const values: (AttributeValue | undefined)[] = []
  for (const [index, item] of membersOf(array, place).entries()) {
    const at = `${place.at}.values[${index}]`
    values.push(item === null || item === undefined ? undefined : anyValue(item, { ...place, at }))
  }
  return values
}

function mapOf(list: JsonObject, place: Place): AttributeValue | undefined {
  const members = new Map<string, AttributeValue>()
  for (const [index, item] of membersOf(list, place).entries())
    addMember(members, item, { ...place, at: `${place.at}.values[${index}]` })
  return members
}

function membersOf(list: JsonObject, { at, bounds, depth }: Place): readonly unknown[] {
  const items = listIn(list, 'values', at)
  if (depth > MAX_VALUE_DEPTH) {
    bounds.tally.clip('attribute_depth')
    return []
  }
  if (items.length <= MAX_MEMBER_COUNT) return items
  bounds.tally.clip('attribute_member_count', items.length - MAX_MEMBER_COUNT)
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

function fail(error: Error): never {
  throw error
}
