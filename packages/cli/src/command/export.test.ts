import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { otlpJsonLines, sampleExecutions } from '../../test/sample-traces.ts'
import { EXIT } from '../exit-code.ts'
import { memoryTerminal } from '../memory-terminal.ts'
import { run } from '../run.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'qflow-otel-export-'))
afterAll(() => rmSync(folder, { recursive: true }))

const lines = Buffer.from(otlpJsonLines(sampleExecutions({ executionCount: 3 })))

async function ran(stdin: Buffer | string, ...argv: string[]) {
  const terminal = memoryTerminal({ stdin })
  const code = await run(argv, terminal)
  return { code, out: terminal.outText(), err: terminal.errText() }
}

const exported = (...options: string[]) => ran(lines, 'export', '-', ...options)

test('speedscope: a profile of each critical path and of its spans', async () => {
  const { code, out, err } = await exported('--format', 'speedscope')
  expect({ code, err }).toEqual({ code: EXIT.ok, err: '' })
  const { profiles, shared } = JSON.parse(out)
  expect(profiles.map(({ name }: { name: string }) => name)).toEqual(
    [0, 1, 2].flatMap((index) => [
      `order order-${index}: critical path`,
      `order order-${index}: spans`,
    ]),
  )
  expect(shared.frames.map(({ name }: { name: string }) => name)).toContain('POST payments.example')
})

test('jaeger: what is read back tells the same', async () => {
  const paths = (document: string) =>
    JSON.parse(document).paths.map(({ executionId, startUnixNs, endUnixNs, segments }: Path) => ({
      executionId,
      startUnixNs: inUs(startUnixNs),
      endUnixNs: inUs(endUnixNs),
      spanIds: segments.map(({ spanId }) => spanId),
    }))
  const { code, out } = await exported('--format', 'jaeger')
  expect(code).toBe(EXIT.ok)
  const before = await ran(lines, 'analyze', '-', '--critical-path', '--json')
  const after = await ran(out, 'analyze', '-', '--critical-path', '--json')
  expect(after.code).toBe(EXIT.ok)
  expect(paths(after.out)).toEqual(paths(before.out))
})

test('one execution, into a file', async () => {
  const file = path.join(folder, 'one.json')
  const options = ['--format', 'jaeger', '--execution', 'order-2', '-o', file]
  expect(await exported(...options)).toEqual({ code: EXIT.ok, out: '', err: '' })
  const { data } = JSON.parse(readFileSync(file, 'utf8'))
  expect(data).toHaveLength(1)
  expect(data[0].spans).toHaveLength(6)
})

test('a file that cannot be written', async () => {
  const file = path.join(folder, 'none', 'x.json')
  const { code, err } = await exported('--format', 'speedscope', '--output', file)
  expect(code).toBe(EXIT.outputFailed)
  expect(err).toContain('ENOENT')
})

test('an unknown id, no input, input in part', async () => {
  const unknown = await exported('--format', 'jaeger', '--execution', 'ordr-1')
  expect(unknown).toMatchObject({ code: EXIT.unknownId, out: '' })
  expect(unknown.err).toContain('Nearest: order-1')
  const none = await ran('no trace', 'export', '-', '--format', 'jaeger')
  expect(none).toMatchObject({ code: EXIT.noInput, out: '' })
  const part = await ran(`${lines}{"resourceSpans": oops}\n`, 'export', '-', '--format', 'jaeger')
  expect(part.code).toBe(EXIT.partInput)
  expect(JSON.parse(part.out).data).toHaveLength(3)
})

interface Path {
  readonly executionId: string
  readonly startUnixNs: string
  readonly endUnixNs: string
  readonly segments: readonly { readonly spanId: string }[]
}

/** Jaeger's resolution. */
function inUs(unixNs: string): bigint {
  return BigInt(unixNs) / 1_000n
}
