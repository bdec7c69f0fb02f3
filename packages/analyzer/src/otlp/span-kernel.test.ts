import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { simulatedBody } from '../simulated-body.ts'
import { shopExecution } from '../simulated-shop.ts'
import { randomStream } from '../stats/random-stream.ts'
import { HEAD_WORD_COUNT } from './span-batch.ts'
import { SpanKernel } from './span-kernel.ts'
import { decodeTracesProtobuf, TracesDecoder } from './traces-decoder.ts'

afterEach(() => vi.unstubAllGlobals())

function plainKernel(): SpanKernel {
  vi.stubGlobal('WebAssembly', undefined)
  const kernel = new SpanKernel()
  vi.unstubAllGlobals()
  return kernel
}

/** A span of 40 bytes at least, so that there is room for ids and a start, in whose bytes few values differ. */
const byte = fc.constantFrom(0, 0, 1, 0x80, 0xff)
const drawnSpan = fc.record({
  bytes: fc.uint8Array({ minLength: 40, maxLength: 200 }),
  counting: fc.array(byte, { maxLength: 200 }),
  idsAt: fc.nat(8),
  others: fc.array(fc.record({ at: fc.nat(), word: fc.nat(5) }), { maxLength: 5 }),
  changes: fc.array(fc.record({ at: fc.nat(), value: fc.nat(255) }), { maxLength: 3 }),
  isWithoutIds: fc.boolean(),
  offset: fc.nat(20),
})

test('the compiled code reads what is read byte by byte', () => {
  const kernels = [new SpanKernel(), plainKernel()] as const
  const outcomes = new Set<number>()
  fc.assert(
    fc.property(drawnSpan, ({ bytes, idsAt, others, changes, isWithoutIds, offset, ...drawn }) => {
      const counting = Uint8Array.from(bytes, (_, at) => drawn.counting[at] ?? 0xff)
      const moves = [
        ...[0, 2, 4, 8].map((word, index) => ({ at: idsAt + 8 * index, word })),
        ...others.map(({ at, word }) => ({
          at: at % (bytes.length - 8),
          word: HEAD_WORD_COUNT + 2 * word,
        })),
      ]
      const body = new Uint8Array(offset + bytes.length + 3).fill(7)
      body.set(bytes, offset)
      for (const { at, value } of changes) body[offset + (at % bytes.length)] = value
      if (isWithoutIds) body.fill(0, offset + idsAt, offset + idsAt + 16)
      const seen = kernels.map((kernel) => {
        kernel.forget()
        kernel.open(body)
        const template = kernel.reserve(bytes.length, moves.length) ?? -1
        kernel.write(template, { bytes, counting, moves })
        const at = kernel.read(offset, bytes.length, template)
        outcomes.add(at)
        if (at >= 0) kernel.keep(HEAD_WORD_COUNT + 10)
        return { at, words: kernel.taken() }
      })
      expect(seen[0]).toEqual(seen[1])
    }),
    { numRuns: 3000, seed: 20261126 },
  )
  expect([...outcomes].sort()).toEqual([-1, 0])
})

test('a kernel without room for a template says so, and has room when all are forgotten', () => {
  const kernel = new SpanKernel()
  let count = 0
  while (kernel.reserve(2048, 20) !== undefined) count++
  expect(count).toBeGreaterThan(100)
  kernel.forget()
  expect(kernel.reserve(2048, 20)).toBeDefined()
})

const random = randomStream(1)
const executions = (count: number, first: number) =>
  Array.from({ length: count }, (_, at) =>
    shopExecution(random, {
      index: first + at,
      flowId: 'order',
      startUnixNs: BigInt(first + at) * 1_000_000n,
    }),
  ).flat()

test('spans beyond what a kernel holds at once are all read', () => {
  const decoder = new TracesDecoder()
  decoder.protobuf(simulatedBody(executions(10, 0)))
  const body = simulatedBody(executions(500, 10))
  expect(decoder.protobuf(body).spans).toEqual(decodeTracesProtobuf(body).spans)
  expect(decoder.protobuf(body).spans).toHaveLength(5000)
})

test('without WebAssembly the same is read', () => {
  const bodies = [0, 1, 2].map((index) => simulatedBody(executions(20, 100 * index)))
  const compiled = new TracesDecoder()
  const spans = bodies.map((body) => compiled.protobuf(body).spans)
  vi.stubGlobal('WebAssembly', undefined)
  const plain = new TracesDecoder()
  expect(bodies.map((body) => plain.protobuf(body).spans)).toEqual(spans)
})
