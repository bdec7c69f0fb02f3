/** A field of a protobuf message: its tag, and the bytes of its value without their length. */
export interface MessageField {
  readonly tag: number
  readonly content: Uint8Array
}

const LENGTH_DELIMITED = 2

/** The fields of a message, or `undefined` when the bytes are none. Groups are not read: OTLP has none. */
export function fieldsOf(bytes: Uint8Array): MessageField[] | undefined {
  const fields: MessageField[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = varintAt(bytes, at)
    if (tag === undefined || tag.value >>> 3 === 0) return undefined
    const start = tag.end
    const type = tag.value & 7
    const length = type === LENGTH_DELIMITED ? varintAt(bytes, start) : undefined
    const end = endOf(bytes, start, type, length)
    if (end === undefined || end > bytes.length) return undefined
    fields.push({ tag: tag.value, content: bytes.slice(length?.end ?? start, end) })
    at = end
  }
  return fields
}

export function messageOf(fields: readonly MessageField[]): Uint8Array {
  const bytes: number[] = []
  for (const { tag, content } of fields) {
    pushVarint(bytes, tag)
    if ((tag & 7) === LENGTH_DELIMITED) pushVarint(bytes, content.length)
    for (const byte of content) bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}

export function isMessageField({ tag }: MessageField): boolean {
  return (tag & 7) === LENGTH_DELIMITED
}

interface Varint {
  readonly value: number
  readonly end: number
}

function endOf(
  bytes: Uint8Array,
  start: number,
  type: number,
  length?: Varint,
): number | undefined {
  // biome-ignore format: one wire type, one line
  switch (type) {
    case 0: return varintAt(bytes, start)?.end
    case 1: return start + 8
    case LENGTH_DELIMITED: return length && length.end + length.value
    case 5: return start + 4
    default: return undefined
  }
}

function varintAt(bytes: Uint8Array, start: number): Varint | undefined {
  let value = 0
  for (let at = start; at < bytes.length && at < start + 10; at++) {
    const byte = bytes[at] ?? 0
    value += (byte & 0x7f) * 2 ** (7 * (at - start))
    if (byte < 0x80) return { value, end: at + 1 }
  }
  return undefined
}

function pushVarint(bytes: number[], value: number): void {
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80)
  bytes.push(left)
}
