import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  AbortedBodyError,
  BodyError,
  contentEncodingOf,
  inflate,
  ReadBudget,
  readBody,
} from './body.ts'

const MIB = 1024 * 1024

/** A request as far as `readBody` looks at it: a stream of bytes. */
function request(...chunks: readonly number[]) {
  const stream = new PassThrough()
  for (const size of chunks) stream.write(Buffer.alloc(size))
  // `readBody` uses the stream side of a request only.
  return { stream, message: stream as unknown as IncomingMessage }
}

const problem = async (reading: Promise<unknown>) => {
  const error = await reading.catch((caught: unknown) => caught)
  return error instanceof BodyError ? error.problem : error
}

test('a body within the limit is read whole', async () => {
  const { stream, message } = request(40, 60)
  stream.end()
  const budget = new ReadBudget(1_000)
  expect(await readBody(message, { maxBytes: 100, budget })).toHaveLength(100)
  expect(budget.usedBytes).toBe(0)
})

test('small chunks are copied and let go: each would cost hundreds of times what it holds', async () => {
  const { stream, message } = request()
  const reading = readBody(message, { maxBytes: 100, budget: new ReadBudget(1_000) })
  const chunks = [1, 2, 3].map((value) => Buffer.from([value]))
  for (const chunk of chunks) stream.write(chunk)
  await new Promise((resolve) => setImmediate(resolve))
  for (const chunk of chunks) chunk.fill(0)
  stream.end()
  expect(await reading).toEqual(Buffer.from([1, 2, 3]))
})

test('one byte more is refused, after the rest was thrown away', async () => {
  const { stream, message } = request(60, 41)
  stream.end()
  const budget = new ReadBudget(1_000)
  expect(await problem(readBody(message, { maxBytes: 100, budget }))).toMatchObject({
    status: 413,
    message: 'expected a body of at most 100 bytes, found at least 101 bytes',
  })
  expect(budget.usedBytes).toBe(0)
})

test('a body without end is refused without reading it all', async () => {
  const { message } = request(150, 51)
  const budget = new ReadBudget(1_000)
  const reading = readBody(message, { maxBytes: 100, budget })
  expect(await problem(reading)).toMatchObject({ status: 413 })
  expect(budget.usedBytes).toBe(0)
})

test('bodies that are read at once share a budget', async () => {
  const budget = new ReadBudget(100)
  const slow = request(80)
  const reading = readBody(slow.message, { maxBytes: 100, budget })
  const fast = request(30)
  fast.stream.end()
  expect(await problem(readBody(fast.message, { maxBytes: 100, budget }))).toMatchObject({
    status: 503,
    headers: { 'retry-after': '5' },
  })
  slow.stream.end()
  expect(await reading).toHaveLength(80)
  expect(budget.usedBytes).toBe(0)
})

test('a sender that goes away gives its budget back', async () => {
  const budget = new ReadBudget(100)
  const { stream, message } = request(80)
  const reading = readBody(message, { maxBytes: 100, budget })
  stream.destroy()
  await expect(reading).rejects.toThrow(AbortedBodyError)
  expect(budget.usedBytes).toBe(0)
})

describe('inflate', () => {
  const zeros = gzipSync(Buffer.alloc(1_000_000))

  test('undoes gzip', () => {
    expect(inflate(gzipSync('hello'), 'gzip', 100).toString()).toBe('hello')
    expect(inflate(Buffer.from('hello'), 'identity', 100).toString()).toBe('hello')
  })

  test('more than the limit is refused', () => {
    expect(zeros.length).toBeLessThan(2_000)
    expect(() => inflate(zeros, 'gzip', 999_999)).toThrow('expected a body of at most 999999 bytes')
    expect(inflate(zeros, 'gzip', 1_000_000)).toHaveLength(1_000_000)
  })

  test('a bomb is refused, whatever the limit', () => {
    const bomb = gzipSync(Buffer.alloc(8_000_000))
    const message = `expected gzip that becomes at most 100 times as large, found ${bomb.length} bytes that become more`
    expect(() => inflate(bomb, 'gzip', 64_000_000)).toThrow(message)
  })

  test('what is small, or compresses as telemetry does, is no bomb', () => {
    expect(inflate(gzipSync(Buffer.alloc(MIB)), 'gzip', 64 * MIB)).toHaveLength(MIB)
    // An id of 24 bytes for 1,000 bytes of names that repeat.
    const ids = createHash('shake256', { outputLength: 24 * 3_000 }).digest()
    const spans = Buffer.concat(
      Array.from({ length: 3_000 }, (_, n) => [
        Buffer.alloc(1_000, 'service.name'),
        ids.subarray(24 * n, 24 * (n + 1)),
      ]).flat(),
    )
    expect(inflate(gzipSync(spans), 'gzip', 64 * MIB)).toHaveLength(spans.length)
  })

  test('every truncation is refused', () => {
    const whole = gzipSync('hello hello hello')
    for (let length = 1; length < whole.length; length++)
      expect(() => inflate(whole.subarray(0, length), 'gzip', 100)).toThrow('expected a gzip body')
  })
})

test.each([
  [undefined, 'identity'],
  ['', 'identity'],
  ['identity', 'identity'],
  ['GZIP', 'gzip'],
  ['x-gzip', 'gzip'],
  ['gzip, gzip', undefined],
  ['zstd', undefined],
])('content encoding %j is %j', (header, expected) => {
  expect(contentEncodingOf(header)).toBe(expected)
})
