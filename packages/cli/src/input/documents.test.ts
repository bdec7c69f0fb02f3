import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { collected } from './collected.ts'
import { readDocuments } from './documents.ts'
import type { InputError } from './input-error.ts'

/** One byte at a time: the hardest way to cut. */
async function* trickle(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1)
}

const read = (input: string | number[] | Buffer) =>
  collected(readDocuments(trickle(Buffer.from(input))))
const texts = async (input: string) =>
  (await read(input)).map((document) => (document.kind === 'json' ? document.text : 'protobuf'))

describe('JSON', () => {
  test.each([
    ['lines', '{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
    ['blank lines and carriage returns', '\n{"a":1}\r\n\r\n{"b":2}', ['{"a":1}\r', '{"b":2}']],
    ['a document over several lines', '{\n "a": 1\n}\n', ['{\n "a": 1\n}']],
    ['one whose lines are objects', '{"a":[\n{"b":2},\n{}\n]}', ['{"a":[\n{"b":2},\n{}\n]}']],
    ['one that ends with its second line', '{"a":[\n{"b":2}]}', ['{"a":[\n{"b":2}]}']],
    ['two broken lines cost only themselves', '{"a":\n{"b"\n{"c":3}', ['{"a":', '{"b"', '{"c":3}']],
    ['a byte order mark', '\ufeff{"a":1}', ['{"a":1}']],
    [
      'a broken first line costs only itself',
      '{"a":\n{"b":2}\n{"c":3}',
      ['{"a":', '{"b":2}', '{"c":3}'],
    ],
    [
      'a broken second line costs only the first two',
      '{"a":\n{"b":\n{"c":3}\n\n{"d":4}',
      ['{"a":', '{"b":', '{"c":3}', '{"d":4}'],
    ],
    ['a broken first line of two', '{"a":\n{"b":2}\n', ['{"a":', '{"b":2}']],
    ['a broken document of objects', '{"a":[\n{"b":2},\n{"c"\n]}', ['{"a":[\n{"b":2},\n{"c"\n]}']],
    ['one with blank lines', '[\n{},\n\n{}\n]', ['[\n{},\n\n{}\n]']],
    ['a cut last line', '{"a":1}\n{"b"', ['{"a":1}', '{"b"']],
  ])('%s', async (_name, input, expected) => expect(await texts(input)).toEqual(expected))
})

describe('protobuf', () => {
  const block = (size: number) => [0x0a, size, ...Array.from({ length: size }, () => 0x7b)]

  test('is cut at its resource blocks', async () => {
    const documents = await read([...block(3), ...block(123), ...block(0)])
    expect(documents.map((document) => document.byteOffset)).toEqual([0, 5, 130])
    expect(documents).toHaveLength(3)
  })

  test('length-prefixed messages lose their prefix', async () => {
    const documents = await read([0, 0, 0, 2, 0x0a, 0, 0, 0, 0, 2, 0x0a, 0])
    expect(documents).toEqual([
      { kind: 'protobuf', bytes: Buffer.from([0x0a, 0]), byteOffset: 0 },
      { kind: 'protobuf', bytes: Buffer.from([0x0a, 0]), byteOffset: 6 },
    ])
  })

  test.each([
    [
      'truncated',
      [...block(3), 0x0a, 9, 1],
      'byte 8: expected 9 bytes of a message, found the end after 3 bytes',
    ],
    [
      'cut in the length',
      [...block(3), 0x0a],
      'byte 6: expected the length of a message, found the end after 1 bytes',
    ],
    [
      'another field',
      [...block(3), 0x12, 0],
      'byte 5: expected a resource block of OTLP protobuf (0x0a), found byte 0x12',
    ],
    [
      'an absurd length',
      [0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f],
      'byte 0: expected a message of at most 128 MiB, found a length of 34359738367 bytes',
    ],
  ])('%s', async (_name, input, message) => {
    await expect(read(input)).rejects.toThrow(message)
  })
})

test.each([
  ['nothing', '', 'expected OTLP JSON, JSON lines, OTLP protobuf or Jaeger JSON, found nothing'],
  ['blanks', ' \n ', 'found nothing'],
  ['text', 'hello world', 'found text that begins with "hello world"'],
  ['a picture', '\x89PNG\r\n', 'found bytes c289504e470d0a'],
])('%s is not a trace', async (_name, input, message) => {
  const error: InputError = await read(input).then(
    () => expect.unreachable(),
    (reason) => reason,
  )
  expect(error.name).toBe('InputError')
  expect(error.message).toContain(message)
})
