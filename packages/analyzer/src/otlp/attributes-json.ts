import { AttributeBuilder } from './attribute-builder.ts'
import type { MemberSink, ValueBounds } from './attributes-protobuf.ts'
import { normalBase64 } from './base64.ts'
import { errorUnder } from './decode-error.ts'
import type { DecodeMemory } from './decode-memory.ts'
import type { DecodeTally } from './decode-tally.ts'
import { expected, integerOf, isAbsent, listOf, objectAt, pathOf, textOf } from './json-shape.ts'
import { MAX_MEMBER_COUNT, MAX_NAME_LENGTH, MAX_VALUE_DEPTH } from './limits.ts'
import { SharedTexts } from './shared-texts.ts'
import type { Attributes, AttributeValue } from './span-record.ts'
import { exactInteger } from './wire.ts'

/** What attributes are read with. */
export interface AttributeReading extends ValueBounds {
  readonly builder: AttributeBuilder
  readonly texts: SharedTexts
}

export function attributeReading(
  memory: DecodeMemory,
  maxTextLength: number,
  tally: DecodeTally,
): AttributeReading {
  const builder = new AttributeBuilder(memory.shapes)
  return { builder, texts: new SharedTexts(), maxTextLength, tally }
}

/**
 * A list of key-value pairs, bounded and counted exactly as the protobuf reader does. The path of an error starts below the
 * list: putting together the places of values that are well took most of the time.
 */
export function readAttributes(value: unknown, reading: AttributeReading): Attributes {
  const { builder, tally } = reading
  const items = listOf(value, '')
  let index = 0
  try {
    for (; index < items.length; index++)
      if (builder.isFull) tally.clip('attribute_count')
      else readMember(builder, items[index], reading, 0)
  } catch (error) {
    builder.clear()
    throw errorUnder(error, `[${index}]`)
  }
  return builder.finish()
}

/** Names of fields are read directly: no object inherits one of them. */
function readMember(
  into: MemberSink,
  entry: unknown,
  reading: AttributeReading,
  depth: number,
): void {
  const pair = objectAt(entry, '')
  const key = textOf(pair['key'], 'key')
  const raw = pair['value']
  if (isAbsent(raw)) return
  const value = anyValue(raw, 'value', reading, depth)
  if (value !== undefined)
    into.set(reading.tally.clipText(key, MAX_NAME_LENGTH, 'attribute_key_length'), value)
}

/** Recursion is bounded by `MAX_VALUE_DEPTH`; deeper values are cut off and counted. */
function anyValue(
  raw: unknown,
  at: string,
  reading: AttributeReading,
  depth: number,
): AttributeValue | undefined {
  const value = objectAt(raw, at)
  for (const key in value) {
    const content = value[key]
    if (isAbsent(content)) continue
    // biome-ignore format: one kind of value, one line
    switch (key) {
      case 'stringValue': if (typeof content === 'string') return textValue(content, reading); return fail('a string', content, pathOf(at, key))
      case 'boolValue': if (typeof content === 'boolean') return content; return fail('a boolean', content, pathOf(at, key))
      case 'intValue': return intOf(content) ?? fail('a 64-bit integer as string or number', content, pathOf(at, key))
      case 'doubleValue': return doubleOf(content) ?? fail('a number', content, pathOf(at, key))
      case 'bytesValue': return textValue(base64Of(content) ?? fail('base64 text', content, pathOf(at, key)), reading)
      case 'arrayValue': return listValue(content, pathOf(at, key), reading, depth + 1)
      case 'kvlistValue': return mapValue(content, pathOf(at, key), reading, depth + 1)
    }
  }
  return undefined
}

function textValue(text: string, { texts, maxTextLength, tally }: AttributeReading): string {
  return texts.share(tally.clipText(text, maxTextLength, 'attribute_value_length'))
}

function listValue(
  array: unknown,
  at: string,
  reading: AttributeReading,
  depth: number,
): AttributeValue {
  const values: (AttributeValue | undefined)[] = []
  eachMember(array, at, reading, depth, (item) => {
    values.push(isAbsent(item) ? undefined : anyValue(item, '', reading, depth))
  })
  return values
}

function mapValue(
  list: unknown,
  at: string,
  reading: AttributeReading,
  depth: number,
): AttributeValue {
  const members = new Map<string, AttributeValue>()
  eachMember(list, at, reading, depth, (item) => readMember(members, item, reading, depth))
  return members
}

function eachMember(
  list: unknown,
  at: string,
  { tally }: AttributeReading,
  depth: number,
  read: (item: unknown) => void,
): void {
  const path = pathOf(at, 'values')
  const items = listOf(objectAt(list, at)['values'], path)
  if (depth > MAX_VALUE_DEPTH) {
    tally.clip('attribute_depth')
    return
  }
  if (items.length > MAX_MEMBER_COUNT)
    tally.clip('attribute_member_count', items.length - MAX_MEMBER_COUNT)
  let index = 0
  try {
    for (; index < items.length && index < MAX_MEMBER_COUNT; index++) read(items[index])
  } catch (error) {
    throw errorUnder(error, `${path}[${index}]`)
  }
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

export function doubleOf(content: unknown): number | undefined {
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
