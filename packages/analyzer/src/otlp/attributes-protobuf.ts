import { base64 } from './base64.ts'
import type { DecodeTally } from './decode-tally.ts'
import {
  MAX_ATTRIBUTE_COUNT,
  MAX_MEMBER_COUNT,
  MAX_NAME_LENGTH,
  MAX_VALUE_DEPTH,
} from './limits.ts'
import type { AttributeValue } from './span-record.ts'
import { BYTES, FIXED64, tagOf, VARINT, type WireReader } from './wire.ts'

// opentelemetry/proto/common/v1/common.proto
// KeyValue: 1 key string, 2 value AnyValue. ArrayValue: 1 values AnyValue. KeyValueList: 1 values KeyValue.
// AnyValue: 1 string, 2 bool, 3 int (int64), 4 double, 5 ArrayValue, 6 KeyValueList, 7 bytes.
const KEY = tagOf(1, BYTES)
const VALUE = tagOf(2, BYTES)
const STRING = tagOf(1, BYTES)
const BOOL = tagOf(2, VARINT)
const INT = tagOf(3, VARINT)
const DOUBLE = tagOf(4, FIXED64)
const ARRAY = tagOf(5, BYTES)
const KVLIST = tagOf(6, BYTES)
const BYTES_VALUE = tagOf(7, BYTES)
const VALUES = tagOf(1, BYTES)

/** How values are bounded, and where it is counted when they are. */
export interface ValueBounds {
  readonly maxTextLength: number
  readonly tally: DecodeTally
}

/** Reads one KeyValue into `into`. Of two with one key the later counts; one without a value is as good as absent. */
export function readAttribute(
  wire: WireReader,
  into: Map<string, AttributeValue>,
  bounds: ValueBounds,
): void {
  if (into.size >= MAX_ATTRIBUTE_COUNT) {
    bounds.tally.clip('attribute_count')
    wire.skip(KEY)
    return
  }
  readMember(wire, into, bounds, 0)
}

function readMember(
  wire: WireReader,
  into: Map<string, AttributeValue>,
  bounds: ValueBounds,
  depth: number,
): void {
  let key = ''
  let value: AttributeValue | undefined
  wire.message(() => {
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag === KEY) key = wire.string()
      else if (tag === VALUE) value = readValue(wire, bounds, depth)
      else wire.skip(tag)
    }
  })
  if (value !== undefined)
    into.set(bounds.tally.clipText(key, MAX_NAME_LENGTH, 'attribute_key_length'), value)
}

/** Recursion is bounded by `MAX_VALUE_DEPTH`; deeper values are cut off and counted. */
function readValue(
  wire: WireReader,
  bounds: ValueBounds,
  depth: number,
): AttributeValue | undefined {
  let value: AttributeValue | undefined
  wire.message(() => {
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      // biome-ignore format: one kind of value, one line
      switch (tag) {
        case STRING: value = clipped(wire.string(), bounds); break
        case BOOL: value = wire.bool(); break
        case INT: value = wire.int64(); break
        case DOUBLE: value = wire.double(); break
        case ARRAY: value = readArray(wire, bounds, depth + 1); break
        case KVLIST: value = readKeyValues(wire, bounds, depth + 1); break
        case BYTES_VALUE: value = clipped(base64(wire.bytes()), bounds); break
        default: wire.skip(tag)
      }
    }
  })
  return value
}

function clipped(text: string, { maxTextLength, tally }: ValueBounds): string {
  return tally.clipText(text, maxTextLength, 'attribute_value_length')
}

function readArray(
  wire: WireReader,
  bounds: ValueBounds,
  depth: number,
): readonly (AttributeValue | undefined)[] {
  const values: (AttributeValue | undefined)[] = []
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
): ReadonlyMap<string, AttributeValue> {
  const members = new Map<string, AttributeValue>()
  readValues(wire, bounds, depth, () => {
    if (members.size < MAX_MEMBER_COUNT) readMember(wire, members, bounds, depth)
    else skipMember(wire, bounds)
  })
  return members
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
  wire.message(() => {
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag === VALUES) readOne()
      else wire.skip(tag)
    }
  })
}

function skipMember(wire: WireReader, { tally }: ValueBounds): void {
  tally.clip('attribute_member_count')
  wire.skip(VALUES)
}
