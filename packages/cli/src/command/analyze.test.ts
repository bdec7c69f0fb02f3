import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  jaegerJson,
  otlpJson,
  otlpJsonLines,
  otlpProtobuf,
  sampleExecutions,
} from '../../test/sample-traces.ts'
import { EXIT } from '../exit-code.ts'
import { memoryTerminal } from '../memory-terminal.ts'
import { run } from '../run.ts'

const executions = sampleExecutions({ executionCount: 4 })
const inputs = {
  'JSON lines': Buffer.from(otlpJsonLines(executions)),
  'a JSON document': Buffer.from(JSON.stringify(JSON.parse(otlpJson(executions.flat())), null, 1)),
  protobuf: otlpProtobuf(executions.flat()),
  gzip: gzipSync(otlpJsonLines(executions)),
  'Jaeger JSON': Buffer.from(jaegerJson(executions)),
}

async function analyzed(stdin: Buffer): Promise<{ code: number; out: string; err: string }> {
  const terminal = memoryTerminal({ stdin })
  const code = await run(['analyze', '-'], terminal)
  return { code, out: terminal.outText(), err: terminal.errText() }
}

test.each(Object.entries(inputs))('%s, whole', async (_name, bytes) => {
  const { code, out, err } = await analyzed(bytes)
  expect({ code, err }).toEqual({ code: EXIT.ok, err: '' })
  expect(out).toContain('4 executions')
})

test.each(Object.entries(inputs))(
  '%s, truncated or scrambled, is never a fault of ours',
  async (_name, bytes) => {
    const cut = fc.nat(bytes.length - 1).map((length) => bytes.subarray(0, length))
    const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 8 })
    const scrambled = changes.map((list) => {
      const copy = Buffer.from(bytes)
      for (const [at, byte] of list) copy[at] = byte
      return copy
    })
    await fc.assert(
      fc.asyncProperty(fc.oneof(cut, scrambled), async (input) => {
        const { code, err } = await analyzed(input)
        expect([EXIT.ok, EXIT.noInput, EXIT.partInput]).toContain(code)
        // Whatever is not used is said.
        expect(err === '').toBe(code === EXIT.ok)
      }),
      { numRuns: 60, seed: 7 },
    )
  },
)

test('the standard input is named as such', async () => {
  const { code, err } = await analyzed(Buffer.from('{"name":"x"}\n'))
  expect(code).toBe(EXIT.noInput)
  expect(err).toBe(
    'qflow-otel: standard input: line 1: expected an object with resourceSpans (OTLP) or data (Jaeger), found an object with name\n',
  )
})

test('a trace file without a span is said', async () => {
  const { code, out, err } = await analyzed(Buffer.from('{"resourceMetrics":[]}\n'))
  expect({ code, out }).toEqual({ code: EXIT.noInput, out: '' })
  expect(err).toBe('qflow-otel: standard input: expected spans, found none\n')
})

test('a trace without flows is counted once, and what can be asked about it is said', async () => {
  const span = {
    traceId: 'a'.repeat(32),
    name: 'GET /',
    startTimeUnixNano: '1',
    endTimeUnixNano: '2',
  }
  const spans = [1, 2].map((at) => ({ ...span, spanId: `${at}`.repeat(16) }))
  const document = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
  const { code, out } = await analyzed(Buffer.from(document))
  expect(code).toBe(EXIT.ok)
  expect(out).toContain('! 2 of 2 spans not used: 2 no execution\n')
  expect(out).toContain('qflow-otel analyze FILE… --critical-path\n')
})
