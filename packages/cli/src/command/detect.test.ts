import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { memoryTerminal } from '../memory-terminal.ts'
import { run } from '../run.ts'

/** A level of about 100 for 30 values, then of about 150: no two neighbours alike, nothing left to chance. */
const values = Array.from({ length: 60 }, (_, at) => (at < 30 ? 100 : 150) + ((at * 7) % 11) - 5)
const step = { index: 30, direction: 'up' }

const folder = mkdtempSync(join(tmpdir(), 'qflow-otel-detect-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function detected(stdin: string | Buffer, ...argv: string[]) {
  const terminal = memoryTerminal({ stdin })
  const code = await run(['detect', ...argv], terminal)
  return { code, out: terminal.outText(), err: terminal.errText() }
}

async function seriesOf(stdin: string | Buffer, ...argv: string[]) {
  const { code, out, err } = await detected(stdin, '-', '--json', ...argv)
  return { code, err, series: JSON.parse(out).series }
}

const rows = values.map((value, at) => ({ at, value }))
const commits = rows.map(({ at, value }) => ({
  commit: { id: `c${at}`, timestamp: '2026-01-01T00:00:00Z' },
  date: Date.UTC(2026, 0, 1 + at),
  benches: [{ name: 'parse', value, unit: 'ns/iter' }],
}))

describe('every form gives the same series', () => {
  test.each<[string, string | Buffer, string[]]>([
    [
      'CSV',
      `run,ms\n${rows.map((one) => `${one.at},${one.value}`).join('\n')}\n`,
      ['--column', 'ms'],
    ],
    ['CSV with CRLF and a byte order mark', `\ufeffms\r\n${values.join('\r\n')}\r\n`, []],
    [
      'CSV with semicolons and decimal commas',
      `a;ms\n${values.map((one) => `x;${one},0`).join('\n')}`,
      [],
    ],
    ['CSV with tabs', `a\tms\n${values.map((one) => `x\t${one}`).join('\n')}`, []],
    [
      'CSV with quotes',
      `"a, b","m""s"\n${values.map((one) => `"x\ny, z","${one}"`).join('\n')}`,
      [],
    ],
    ['numbers without a header', values.join('\n'), []],
    ['gzip', gzipSync(values.join('\n')), []],
    ['an array of numbers', JSON.stringify(values), []],
    ['an array of objects', JSON.stringify(values.map((ms) => ({ ms }))), []],
    [
      'an array of objects over lines',
      JSON.stringify(
        values.map((ms) => ({ ms })),
        null,
        2,
      ),
      [],
    ],
    ['an object of arrays', JSON.stringify({ ms: values }), []],
    ['objects within objects', JSON.stringify(values.map((p50) => ({ ms: { p50 } }))), []],
    ['JSON lines', values.map((ms) => JSON.stringify({ ms })).join('\n'), []],
    [
      'data.js',
      `window.BENCHMARK_DATA = ${JSON.stringify({ entries: { Bench: commits } }, null, 1)};\n`,
      [],
    ],
    [
      'Google Benchmark',
      JSON.stringify({ benchmarks: values.map((one) => ({ name: 'a', real_time: one })) }),
      [],
    ],
    ['hyperfine', JSON.stringify({ results: [{ command: 'sleep 1', times: values }] }), []],
    [
      'a list of results',
      JSON.stringify(values.map((value) => ({ name: 'a', unit: 'ms', value }))),
      [],
    ],
  ])('%s', async (_name, stdin, argv) => {
    const { code, err, series } = await seriesOf(stdin, ...argv)
    expect({ code, err }).toEqual({ code: EXIT.ok, err: '' })
    expect(series).toHaveLength(1)
    expect(series[0].n).toBe(60)
    expect(series[0].changePoints).toMatchObject([step])
  })
})

test('a column that was chosen for its times and holds none is said', async () => {
  const csv = (times: readonly string[]) =>
    ['host,ms', ...values.map((value, at) => `${times[at % times.length]},${value}`)].join('\n')
  const texts = await seriesOf(csv(['a', '', 'b']), '--time', 'host')
  expect(texts).toMatchObject({ code: EXIT.partInput, series: [{ n: 60 }] })
  expect(texts.err.replace(/\s+/g, ' ')).toContain(
    'line 2, column "host": expected times, as ISO 8601 or as numbers, found "a" and none in the whole column',
  )
  for (const times of [['a', '2026-01-01'], ['0', '1.5'], ['']])
    expect(await seriesOf(csv(times), '--time', 'host')).toMatchObject({ code: EXIT.ok, err: '' })
})

test('a series for each group, in order of time', async () => {
  const line = (name: string, at: number, value: number) =>
    `${name},${new Date(Date.UTC(2026, 0, 1 + at)).toISOString()},${value}`
  const lines = rows.flatMap(({ at, value }) => [
    line('a', at, value),
    line('b', at, 100 + (at % 3)),
  ])
  const csv = ['name,time,ms', ...lines.reverse()].join('\n')
  const { series } = await seriesOf(csv)
  expect(series.map(({ name }: { name: string }) => name)).toEqual(['b', 'a'])
  expect(series[1].changePoints).toMatchObject([{ ...step, timeUnixMs: Date.UTC(2026, 0, 31) }])
  expect(series[0].changePoints).toEqual([])
})

test('single runs go on from file to file', async () => {
  const files = values.map((value, at) => {
    const file = join(folder, `run-${at}.json`)
    writeFileSync(
      file,
      JSON.stringify({ benchmarks: [{ name: 'a', real_time: value, time_unit: 'ns' }] }),
    )
    return file
  })
  const { out } = await detected('', ...files, '--json')
  expect(JSON.parse(out).series).toMatchObject([{ name: 'a', unit: 'ns', changePoints: [step] }])
})

test('a bad row is named and counted and loses nothing else', async () => {
  const lines = ['run,ms', ...rows.map((one) => `${one.at},${one.value}`)]
  lines[5] = '4,fast'
  lines[7] = '6'
  lines[9] = '8,'
  const { code, err, series } = await seriesOf(lines.join('\n'), '--column', 'ms')
  expect(code).toBe(EXIT.partInput)
  expect(err).toBe(
    [
      'qflow-otel: standard input: line 8: expected 2 cells, found 1',
      'qflow-otel: standard input: line 6, column "ms": expected a number, found "fast"',
      '',
    ].join('\n'),
  )
  expect(series[0]).toMatchObject({ n: 57, skippedCount: 3, changePoints: [{ index: 30 }] })
})

test.each<[string, string | Buffer, string[], number, string]>([
  ['nothing', '', [], EXIT.noInput, 'expected series of numbers, found nothing'],
  ['words', 'a,b\nx,y\n', [], EXIT.noInput, 'expected numbers, found none'],
  ['broken JSON', '{"a": [1, 2,,]}', [], EXIT.noInput, 'line 1, byte'],
  ['a text', '"x"', [], EXIT.noInput, 'expected numbers, found none'],
  ['an unclosed quote', 'a,b\n1,"2\n', [], EXIT.noInput, 'line 2: expected a quote that is closed'],
  [
    'no such column',
    'run,ms\n1,2\n',
    ['--column', 'mss'],
    EXIT.noInput,
    'found others, such as "ms"',
  ],
  ['binary', Buffer.from([1, 0, 2, 0]), [], EXIT.noInput, 'found binary data'],
])('%s', async (_name, stdin, argv, code, message) => {
  const answer = await detected(stdin, '-', ...argv)
  expect(answer.err).toContain(message)
  expect(answer).toMatchObject({ code, out: '' })
})

test('a line of separators only is refused, however long it is', async () => {
  const { code, err } = await detected(`${','.repeat(2 ** 21)}\n1\n`, '-')
  expect(code).toBe(EXIT.noInput)
  expect(err).toContain('line 1: expected at most 10000 cells, found more')
})

test('a quote over long lines ends where a cell cannot be as long', async () => {
  const { code, err } = await detected(`a\n"${`${'x'.repeat(2 ** 20)}\n`.repeat(20)}`, '-')
  expect(code).toBe(EXIT.noInput)
  expect(err).toContain('line 2: expected a quote that is closed')
})

test.each([
  [['-', '--online', '--offline'], '--online and --offline exclude each other'],
  [['-', '--smallest-effect', 'x'], 'expected a ratio from 0 to 100, found "x"'],
  [['-', '--fail-on', 'x'], '--fail-on: expected up, down, change, found "x"'],
  [['-', '--alert-threshold', '1'], '--alert-threshold is of --online'],
  [[], 'no file given'],
])('%j is refused', async (argv, message) => {
  const { code, err } = await detected('', ...argv)
  expect(code).toBe(EXIT.usage)
  expect(err).toContain(message)
})

test('--fail-on ends with 1 for what was found', async () => {
  const codes = await Promise.all(
    ['up', 'down', 'change'].map((kind) => detected(values.join('\n'), '-', '--fail-on', kind)),
  )
  expect(codes.map(({ code }) => code)).toEqual([EXIT.findings, EXIT.ok, EXIT.findings])
})

test('--online tells what the live detector would have told, and after which value', async () => {
  const long = Array.from({ length: 160 }, (_, at) => (at < 100 ? 100 : 150) + ((at * 7) % 11) - 5)
  const { series } = await seriesOf(long.join('\n'), '--online')
  expect(series[0].changePoints).toMatchObject([{ index: 100, direction: 'up' }])
  expect(series[0].changePoints[0].toldIndex).toBeGreaterThan(100)
})

test('--online says when nothing could be a duration', async () => {
  const { code, err } = await detected(values.map((value) => -value).join('\n'), '-', '--online')
  expect(code).toBe(EXIT.noInput)
  expect(err).toContain('value: expected durations, found none')
})

test('--svg writes the picture', async () => {
  const file = join(folder, 'out.svg')
  const { code } = await detected(values.join('\n'), '-', '--svg', file)
  expect(code).toBe(EXIT.ok)
  expect(readFileSync(file, 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s)
})

test('whatever is read, nothing is a fault of ours, and what is not used is said', async () => {
  const seeds = [
    `run,ms\n${rows.map((one) => `${one.at},${one.value}`).join('\n')}\n`,
    JSON.stringify({ entries: { Bench: commits.slice(0, 5) } }),
    values.map((ms) => JSON.stringify({ ms })).join('\n'),
  ].map((text) => Buffer.from(text))
  const input = fc.constantFrom(...seeds).chain((seed) => {
    const cut = fc.nat(seed.length).map((length) => seed.subarray(0, length))
    const changes = fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { maxLength: 6 })
    const scrambled = changes.map((list) => {
      const copy = Buffer.from(seed)
      for (const [at, byte] of list) copy[at] = byte
      return copy
    })
    return fc.oneof(
      cut,
      scrambled,
      fc.string().map((text) => Buffer.from(text)),
    )
  })
  await fc.assert(
    fc.asyncProperty(input, async (stdin) => {
      const { code, err } = await detected(stdin, '-')
      expect([EXIT.ok, EXIT.noInput, EXIT.partInput]).toContain(code)
      if (code !== EXIT.ok) expect(err).not.toBe('')
    }),
    { numRuns: 150, seed: 11 },
  )
})
