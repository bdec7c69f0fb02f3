import type { AttributeBuilder } from './attribute-builder.ts'
import { base64 } from './base64.ts'
import {
  ARRAY,
  BOOL,
  BYTES_VALUE,
  DOUBLE,
  INT,
  KEY,
  KVLIST,
  STRING,
  VALUE,
  VALUES,
} from './common-fields.ts'
import type { DecodeTally } from './decode-tally.ts'
import {
  MAX_COLLECTIONS_PER_BODY,
  MAX_MEMBER_COUNT,
  MAX_NAME_LENGTH,
  MAX_VALUE_DEPTH,
} from './limits.ts'
import type { AttributeValue } from './span-record.ts'
import type { WireReader } from './wire.ts'

/** How values are bounded, and where it is counted when they are. */
export interface ValueBounds {
  readonly maxTextLength: number
  readonly tally: DecodeTally
}

/** Reads one KeyValue, whose tag was read. Of two with one key the later counts; one without a value is as good as absent. */
export function readAttribute(wire: WireReader, into: AttributeBuilder, bounds: ValueBounds): void {
  if (into.isFull) {
    bounds.tally.clip('attribute_count')
    wire.skip(KEY)
  } else if (!readExpected(wire, into)) readMember(wire, into, bounds, 0)
}

/**
 * Reads the KeyValue at `pos` when it is what most are: the key that came last time, and behind it a short text, a double,
 * a boolean or a small integer, all lengths of one byte. Else it leaves everything as it is and returns false.
 */
function readExpected(wire: WireReader, into: AttributeBuilder): boolean {
  const next = into.node?.next
  if (next === undefined || next.byteCount === 0) return false
  const { bytes, pos } = wire
  const length = bytes[pos] ?? 0x80
  const end = pos + 1 + length
  // KeyValue: KEY, length of the key, key, VALUE, length of the AnyValue, its field, at least one byte of content.
  const keyEnd = pos + 3 + next.byteCount
  if (length >= 0x80 || end > wire.end || keyEnd + 4 > end) return false
  if (bytes[pos + 1] !== KEY || bytes[pos + 2] !== next.byteCount) return false
  if (bytes[keyEnd] !== VALUE || bytes[keyEnd + 1] !== end - keyEnd - 2) return false
  if (!next.isAt(wire, pos + 3)) return false
  const value = expectedValue(wire, keyEnd + 2, end)
  if (value === undefined) return false
  wire.pos = end
  into.setKnown(next, value)
  return true
}

/** The AnyValue from `start` to `end` if it is one short scalar and nothing else. */
function expectedValue(wire: WireReader, start: number, end: number): AttributeValue | undefined {
  const content = start + 1
  const first = wire.bytes[content] ?? 0
  // biome-ignore format: one kind of value, one line
  switch (wire.bytes[start]) {
    case STRING: return content + 1 + first === end ? wire.textAt(content + 1, first) : undefined
    case DOUBLE: return content + 8 === end ? wire.view.getFloat64(content, true) : undefined
    case INT: return smallInt(wire.bytes, content, end)
    case BOOL: return content + 1 === end && first < 0x80 ? first !== 0 : undefined
    default: return undefined
  }
}

export const MAX_SMALL_INT_BYTES = 4

/** A varint that ends at `end`, of at most 4 bytes and so without a sign. */
export function smallInt(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start > MAX_SMALL_INT_BYTES) return undefined
  let value = 0
  for (let at = end - 1; at >= start; at--) {
    const byte = bytes[at] ?? 0
    if (byte >= 0x80 === (at === end - 1)) return undefined
    value = (value << 7) | (byte & 0x7f)
  }
  return value
}

/** Takes attributes: a map does, and so does a builder. */
export interface MemberSink {
  set(key: string, value: AttributeValue): unknown
}

function readMember(wire: WireReader, into: MemberSink, bounds: ValueBounds, depth: number): void {
  let key = ''
  let value: AttributeValue | undefined
  const outerEnd = wire.enter()
  while (wire.pos < wire.end) {
    const tag = wire.tag()
    if (tag === KEY) key = wire.string()
    else if (tag === VALUE) value = readValue(wire, bounds, depth, value)
    else wire.skip(tag)
  }
  wire.leave(outerEnd)
  if (value !== undefined)
    into.set(bounds.tally.clipText(key, MAX_NAME_LENGTH, 'attribute_key_length'), value)
}

/**
 * Reads what changes `known`, the value so far: a message may come in parts, of which the last field counts, and lists are
 * put together. Recursion is bounded by `MAX_VALUE_DEPTH`; deeper values are cut off and counted.
 */
function readValue(
  wire: WireReader,
  bounds: ValueBounds,
  depth: number,
  known?: AttributeValue,
): AttributeValue | undefined {
  let value = known
  const outerEnd = wire.enter()
  while (wire.pos < wire.end) {
    const tag = wire.tag()
    // biome-ignore format: one kind of value, one line
    switch (tag) {
      case STRING: value = clipped(wire.string(), bounds); break
      case BOOL: value = wire.bool(); break
      case INT: value = wire.int64(); break
      case DOUBLE: value = wire.double(); break
      case ARRAY: value = readArray(wire, bounds, depth + 1, value) ?? value; break
      case KVLIST: value = readKeyValues(wire, bounds, depth + 1, value) ?? value; break
      case BYTES_VALUE: value = clipped(base64(wire.part()), bounds); break
      default: wire.skip(tag)
    }
  }
  wire.leave(outerEnd)
  return value
}

function clipped(text: string, { maxTextLength, tally }: ValueBounds): string {
  return tally.clipText(text, maxTextLength, 'attribute_value_length')
}

/** Adds to a list that came in an earlier part: to make another one for each part would take the square of their number. */
function readArray(
  wire: WireReader,
  bounds: ValueBounds,
  depth: number,
  known: AttributeValue | undefined,
): AttributeValue | undefined {
  // Made here, and nobody else has it yet.
  const earlier = Array.isArray(known) ? (known as (AttributeValue | undefined)[]) : undefined
  if (earlier === undefined && !hasRoom(wire, bounds)) return undefined
  const values = earlier ?? []
  readValues(wire, bounds, depth, () => {
    if (values.length < MAX_MEMBER_COUNT) values.push(readValue(wire, bounds, depth))
    else skipMember(wire, bounds)
  })
  return values
}

function readKeyValues(
  wire: WireReader,
  bounds: ValueBounds,
  depth: number,
  known: AttributeValue | undefined,
): AttributeValue | undefined {
  // As above.
  const earlier = known instanceof Map ? (known as Map<string, AttributeValue>) : undefined
  if (earlier === undefined && !hasRoom(wire, bounds)) return undefined
  const members = earlier ?? new Map<string, AttributeValue>()
  readValues(wire, bounds, depth, () => {
    if (members.size < MAX_MEMBER_COUNT) readMember(wire, members, bounds, depth)
    else skipMember(wire, bounds)
  })
  return members
}

/** Whether one more list or map is made of this body; else it is left out. */
function hasRoom(wire: WireReader, { tally }: ValueBounds): boolean {
  if (tally.collectionCount < MAX_COLLECTIONS_PER_BODY) {
    tally.collectionCount++
    return true
  }
  tally.clip('attribute_collection_count')
  wire.part()
  return false
}

function readValues(
  wire: WireReader,
  { tally }: ValueBounds,
  depth: number,
  readOne: () => void,
): void {
  if (depth > MAX_VALUE_DEPTH) {
    tally.clip('attribute_depth')
    wire.skip(VALUES)
    return
  }
  const outerEnd = wire.enter()
  while (wire.pos < wire.end) {
    const tag = wire.tag()
    if (tag === VALUES) readOne()
    else wire.skip(tag)
  }
  wire.leave(outerEnd)
}

function skipMember(wire: WireReader, { tally }: ValueBounds): void {
  tally.clip('attribute_member_count')
  wire.skip(VALUES)
}
