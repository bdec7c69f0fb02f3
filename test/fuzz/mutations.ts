import type { RandomStream } from '../../packages/analyzer/src/stats/random-stream.ts'
import { fieldsOf, isMessageField, type MessageField, messageOf } from './message-fields.ts'

const MAX_MUTATION_COUNT = 6
const MAX_CHUNK_LENGTH = 40

/** How often a message inside is changed and not the bytes of the whole, and how often it is one further inside. */
const INSIDE_RATIO = 0.8
const DEEPER_RATIO = 0.8

/** Tags of OTLP, of fields that nobody knows, and of fields with another type than they should have. */
const TAGS = [
  0x08, 0x0a, 0x0d, 0x10, 0x12, 0x18, 0x1a, 0x21, 0x22, 0x2a, 0x32, 0x39, 0x3a, 0x41, 0x4a, 0x6a,
  0x7a, 0x322,
]

/** Fields that stand in several messages of OTLP with different meanings, and one that stands in none. */
const FIELDS: readonly MessageField[] = [
  { tag: 0x08, content: Uint8Array.of(2) },
  { tag: 0x10, content: Uint8Array.of(1) },
  { tag: 0x18, content: Uint8Array.of(0x85, 0x01) },
  { tag: 0x21, content: Uint8Array.of(0, 0, 0, 0, 0, 0, 0xf0, 0x3f) },
  { tag: 0x0a, content: Uint8Array.of(0x7a) },
  { tag: 0x12, content: Uint8Array.of(0x0a, 0x01, 0x79) },
  { tag: 0x2a, content: Uint8Array.of(0x0a, 0x02, 0x10, 0x01) },
  { tag: 0x322, content: Uint8Array.of(1, 2, 3) },
]

/** Bytes that mean something in protobuf: small lengths, the ends of varints, tags of OTLP. */
const TELLING_BYTES = [
  0, 1, 2, 8, 0x0a, 0x10, 0x12, 0x1a, 0x21, 0x2a, 0x4a, 0x7f, 0x80, 0x83, 0x84, 0xff,
]

/** `body` with a few changes; `other` is what parts of it may be replaced with. */
export function mutated(random: RandomStream, body: Uint8Array, other: Uint8Array): Uint8Array {
  let bytes = body
  const count = 1 + below(random, MAX_MUTATION_COUNT)
  for (let done = 0; done < count; done++)
    bytes =
      random() < INSIDE_RATIO
        ? mutatedInside(random, bytes, other)
        : Uint8Array.from(mutatedBytes(random, [...bytes], other))
  return bytes
}

/** Changes a message somewhere in the body, and the lengths around it with it, so that readers get to see the change. */
function mutatedInside(random: RandomStream, message: Uint8Array, other: Uint8Array): Uint8Array {
  const fields = fieldsOf(message)
  if (fields === undefined || fields.length === 0)
    return Uint8Array.from(mutatedBytes(random, [...message], other))
  const at = below(random, fields.length)
  const field = pick(random, fields)
  const chosen = fields[at] ?? field
  if (isMessageField(chosen) && random() < DEEPER_RATIO) {
    const content = mutatedInside(random, chosen.content, other)
    return messageOf(fields.with(at, { ...chosen, content }))
  }
  // biome-ignore format: one mutation, one line
  switch (below(random, 7)) {
    case 0: return messageOf(fields.toSpliced(at, 1))
    case 1: return messageOf(fields.toSpliced(at, 0, field))
    case 2: return messageOf(fields.with(at, field).with(fields.indexOf(field), chosen))
    case 3: return messageOf(fields.with(at, { ...chosen, tag: pick(random, TAGS) }))
    case 4: return messageOf(fields.toSpliced(at + below(random, 2), 0, pick(random, FIELDS)))
    case 5: return messageOf([...fields, ...(fieldsOf(other) ?? [])])
    default: return messageOf(fields.with(at, { ...chosen, content: Uint8Array.from(mutatedBytes(random, [...chosen.content], other)) }))
  }
}

function mutatedBytes(random: RandomStream, bytes: number[], other: Uint8Array): number[] {
  if (bytes.length === 0) return [pick(random, TELLING_BYTES)]
  const at = below(random, bytes.length + 1)
  const length = 1 + below(random, MAX_CHUNK_LENGTH)
  const chunk = bytes.slice(at, at + length)
  const foreign = below(random, other.length)
  // biome-ignore format: one mutation, one line
  switch (below(random, 9)) {
    case 0: return bytes.with(Math.min(at, bytes.length - 1), below(random, 256))
    case 1: return bytes.with(Math.min(at, bytes.length - 1), pick(random, TELLING_BYTES))
    case 2: return bytes.with(Math.min(at, bytes.length - 1), (bytes[at] ?? 0) ^ (1 << below(random, 8)))
    case 3: return bytes.toSpliced(at, length)
    case 4: return bytes.toSpliced(at, 0, ...chunk)
    case 5: return bytes.toSpliced(at, 0, pick(random, TELLING_BYTES))
    case 6: return bytes.toSpliced(at, length, ...other.subarray(foreign, foreign + length))
    case 7: return bytes.slice(0, at)
    default: return [...bytes, ...chunk]
  }
}

/** A JSON value with one of its parts changed, removed or put elsewhere. */
export function mutatedJson(random: RandomStream, value: unknown): unknown {
  if (random() < 0.15) return pick(random, TELLING_VALUES)
  if (Array.isArray(value) && value.length > 0) {
    const at = below(random, value.length)
    if (random() < 0.1) return value.toSpliced(at, 1)
    if (random() < 0.1) return [...value, value[at]]
    return value.with(at, mutatedJson(random, value[at]))
  }
  if (typeof value !== 'object' || value === null) return pick(random, TELLING_VALUES)
  const entries = Object.entries(value)
  if (entries.length === 0) return pick(random, TELLING_VALUES)
  const at = below(random, entries.length)
  const [key, member] = entries[at] ?? ['', undefined]
  if (random() < 0.1) return Object.fromEntries(entries.toSpliced(at, 1))
  if (random() < 0.1) return Object.fromEntries([...entries, [pick(random, TELLING_KEYS), member]])
  return Object.fromEntries(entries.with(at, [key, mutatedJson(random, member)]))
}

const TELLING_VALUES: readonly unknown[] = [
  ...[null, true, 0, -1, 0.5, 1e300, 2 ** 53, '', '0', '-0', '1e9', '18446744073709551616', 'NaN'],
  ...['\uD800', 'x'.repeat(1025), 'AF'.repeat(16), 'zz'.repeat(8), [], {}, [null], [[]]],
  ...[{ stringValue: 'a' }, { intValue: '9223372036854775808' }, { key: 'k', value: {} }],
]
const TELLING_KEYS = [
  '__proto__',
  'constructor',
  'attributes',
  'value',
  'stringValue',
  'links',
  'kind',
]

export function below(random: RandomStream, bound: number): number {
  return Math.floor(random() * bound)
}

export function pick<T>(random: RandomStream, list: readonly T[]): T {
  const item = list[below(random, list.length)]
  if (item === undefined) throw new Error('expected a list that is not empty, found an empty one')
  return item
}
