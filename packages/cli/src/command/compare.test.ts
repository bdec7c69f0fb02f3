import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAnalyzer, decodeTracesJson } from '@qflow-otel/analyzer'
import { queryDetection, queryExecution, queryExecutions } from '@qflow-otel/collector'
import { afterAll, expect, test } from 'vitest'
import { otlpJsonLines, sampleExecutions } from '../../test/sample-traces.ts'
import { EXIT } from '../exit-code.ts'
import { memoryTerminal } from '../memory-terminal.ts'
import { run } from '../run.ts'

const folder = mkdtempSync(join(tmpdir(), 'qflow-otel-compare-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** 40 executions a side, 2 s apart; in the later ones the card service answers 40 ms later. */
const COUNT = 40
const START_UNIX_MS = Date.UTC(2026, 10, 23, 14)
const lines = otlpJsonLines(sampleExecutions({ executionCount: 2 * COUNT, slowFrom: COUNT }))
  .trimEnd()
  .split('\n')
  .map((line, at) => (at < COUNT ? line : line.replaceAll('"1.0.0"', '"2.0.0"')))
const all = fileOf('all.jsonl', lines)
const before = fileOf('before.jsonl', lines.slice(0, COUNT))
const after = fileOf('after.jsonl', lines.slice(COUNT))
const [slow, steady] = [
  numbersFile('slow.csv', (at) => 120 + (at % 11)),
  numbersFile('steady.csv', (at) => 100 + (at % 11)),
]

async function compared(...argv: string[]) {
  const terminal = memoryTerminal()
  const code = await run(['compare', ...argv], terminal)
  return { code, out: terminal.outText(), err: terminal.errText() }
}

/** Names of the places that differ. */
async function differing(...argv: string[]): Promise<{ names: string[]; code: number }> {
  const { code, out, err } = await compared(...argv, '--json')
  expect(err).toBe('')
  const { comparisons } = JSON.parse(out)
  const names = comparisons
    .filter(({ isDifferent }: { isDifferent: boolean }) => isDifferent)
    .map(({ name }: { name: string }) => name)
  return { names, code }
}

const SLOWER = ['order', 'order › charge-card', 'order › charge-card › work']

test.each([
  ['two files', [before, after]],
  ['two versions', [all, '--versions', '1.0.0,2.0.0']],
  ['two versions of one flow, apart', ['--flow', 'order', '--versions', '1.0.0', '2.0.0', all]],
  [
    'two windows',
    [all, '--before', `..${START_UNIX_MS + 80_000}`, '--after', '2026-11-23T14:01:20Z..'],
  ],
])('of executions in %s: what became slower, and nothing else', async (_name, argv) => {
  expect(await differing(...argv)).toEqual({ names: SLOWER, code: EXIT.ok })
})

test('two versions of a running collector', async () => {
  const analyzer = createAnalyzer({ keptExecutionsPerFlow: 100 })
  const nowUnixNs = BigInt(START_UNIX_MS + 3_600_000) * 1_000_000n
  for (const line of lines) {
    const { spans } = decodeTracesJson(JSON.parse(line))
    analyzer.ingest(spans, { nowUnixNs })
  }
  analyzer.close(nowUnixNs)
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const id = /executions\/(.+)$/.exec(url.pathname)?.[1]
    const isDetection = url.pathname.endsWith('/detection')
    const answer = isDetection
      ? queryDetection(analyzer)
      : id === undefined
        ? queryExecutions(analyzer, { flowId: url.searchParams.get('flow') ?? '', limit: 1_000 })
        : queryExecution(analyzer, decodeURIComponent(id))
    response.end(JSON.stringify(answer))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const argv = ['--flow', 'order', '--versions', '1.0.0,2.0.0', '--url', `http://127.0.0.1:${port}`]
  expect(await differing(...argv)).toEqual({ names: SLOWER, code: EXIT.ok })
  const unknown = await compared(...argv.with(1, 'ordr'))
  expect(unknown).toMatchObject({
    code: EXIT.unknownId,
    err: expect.stringMatching(/no flow "ordr" is known\s+Nearest: order/),
  })
  server.close()
})

test('of series in two files', async () => {
  const { code, out } = await compared(steady, slow, '--json')
  expect(code).toBe(EXIT.ok)
  const { comparisons } = JSON.parse(out)
  expect(comparisons).toMatchObject([{ name: 'ms', nBefore: 60, nAfter: 60, isDifferent: true }])
  const { ratio } = comparisons[0].shifts[0]
  expect(ratio.low).toBeLessThan(125 / 105 - 1)
  expect(ratio.high).toBeGreaterThan(125 / 105 - 1)
})

test('of two files with one series each, whatever they call it', async () => {
  const other = fileOf('other.csv', ['latency', ...Array.from({ length: 60 }, (_, at) => `${at}`)])
  const { out } = await compared(steady, other, '--json')
  expect(JSON.parse(out).comparisons).toMatchObject([{ name: 'value', nAfter: 60 }])
})

test('of the same values there is no evidence of a difference, and it is said what would have been seen', async () => {
  const { code, out } = await compared(steady, steady)
  expect(code).toBe(EXIT.ok)
  expect(out).toContain('no evidence of a difference')
  expect(out).toContain('seen from')
  expect(out).toContain('60, 60')
})

test('the picture in words', async () => {
  const { out } = await compared(before, after)
  // What the files are called depends on where temporary ones lie.
  const shown = out.slice(out.indexOf('\n\n') + 2)
  await expect(shown).toMatchFileSnapshot('golden/compare.txt')
})

test.each<[string, string[], number, string]>([
  ['one file', [all], EXIT.usage, 'expected two files, or --versions'],
  ['three files', [all, all, all], EXIT.usage, 'expected two files'],
  ['traces and series', [all, slow], EXIT.usage, 'one holds traces, the other series'],
  ['versions of series', [slow, '--versions', '1,2'], EXIT.usage, 'are of trace files'],
  ['one version', ['--versions', '1'], EXIT.usage, 'expected two versions'],
  ['the same version', [all, '--versions', '1,1'], EXIT.usage, 'expected two that differ'],
  ['one window', [all, '--before', '..2026-01-01'], EXIT.usage, 'go together'],
  [
    'no window',
    [all, '--before', 'x', '--after', '..'],
    EXIT.usage,
    '--before: expected two times',
  ],
  ['an unknown version', [all, '--versions', '1.0.0,3'], EXIT.noInput, 'version 3 has no value'],
  ['an unknown version', [all, '--versions', '1.0.0,3'], EXIT.noInput, 'Versions: 1.0.0, 2.0.0'],
  [
    'an unknown flow',
    [all, '--flow', 'ordr', '--versions', '1.0.0,2.0.0'],
    EXIT.unknownId,
    'Nearest: order',
  ],
  ['a missing file', [join(folder, 'no.csv'), slow], EXIT.noInput, 'no such file'],
  ['no file and no flow', ['--versions', '1,2'], EXIT.usage, 'with --flow'],
])('%s', async (_name, argv, code, message) => {
  const answer = await compared(...argv)
  expect(answer.err).toContain(message)
  expect(answer).toMatchObject({ code, out: '' })
})

function fileOf(name: string, content: readonly string[]): string {
  const file = join(folder, name)
  writeFileSync(file, `${content.join('\n')}\n`)
  return file
}

function numbersFile(name: string, value: (at: number) => number): string {
  return fileOf(name, ['ms', ...Array.from({ length: 60 }, (_, at) => `${value(at * 7)}`)])
}
