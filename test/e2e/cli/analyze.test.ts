import { chmodSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import {
  jaegerJson,
  otlpJson,
  otlpJsonLines,
  otlpProtobuf,
  sampleExecutions,
} from '../../../packages/cli/test/sample-traces.ts'
import { runCli, startCli } from '../../process/cli.ts'
import { scratchFolder } from '../../process/scratch-folder.ts'

const folder = scratchFolder()
afterAll(() => folder.remove())

const executions = sampleExecutions({ executionCount: 60 })
const all = executions.flat()
const lines = otlpJsonLines(executions)

const formats = {
  'JSON lines': folder.write('traces.jsonl', lines),
  'JSON lines, gzip': folder.write('traces.jsonl.gz', gzipSync(lines)),
  'one JSON document': folder.write('traces.json', otlpJson(all)),
  'a JSON document over many lines': folder.write(
    'pretty.json',
    JSON.stringify(JSON.parse(otlpJson(all)), undefined, 2),
  ),
  protobuf: folder.write('traces.pb', otlpProtobuf(all)),
  'protobuf, gzip': folder.write('traces.pb.gz', gzipSync(otlpProtobuf(all))),
  'length-prefixed protobuf': folder.write('traces.proto', prefixed(executions.map(otlpProtobuf))),
  'Jaeger JSON': folder.write('jaeger.json', jaegerJson(executions)),
}

function prefixed(messages: readonly Buffer[]): Buffer {
  const parts = messages.flatMap((message) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(message.length)
    return [length, message]
  })
  return Buffer.concat(parts)
}

describe('every format tells the same', () => {
  test.each(Object.entries(formats))('%s', async (_name, file) => {
    const { code, out, err } = await runCli(['analyze', '--json', file])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const { schemaVersion, kind, inputs, report } = JSON.parse(out)
    expect({ schemaVersion, kind }).toEqual({ schemaVersion: 1, kind: 'analysis' })
    expect(inputs).toMatchObject([{ name: file, spanCount: all.length, problemCount: 0 }])
    const [flow] = report.flows
    expect(flow).toMatchObject({ flowId: 'order', executionCount: 60, failedCount: 0 })
    expect(flow.durationMs.p50.value).toBeGreaterThan(60)
    expect(flow.durationMs.p50.value).toBeLessThan(75)
    expect(flow.criticalPath.map(({ stepId }: { stepId?: string }) => stepId)).toContain(
      'charge-card',
    )
  })
})

test('the report in text', async () => {
  const { code, out, err } = await runCli(['analyze', formats['JSON lines']])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^order +v1\.0\.0 +60 executions$/m)
  expect(out).toMatch(/^ {2}p50 \d+\.\d ms \[[\d.]+–[\d.]+\]/m)
  expect(out).toContain('Critical path')
  expect(out).toMatch(/took 0 ms the flow\s+would\s+be\s+\d+ %\s+± [\d.<]+ % faster, n = \d+/)
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(out).not.toContain('\x1b')
})

test('the standard input, and the same bytes twice', async () => {
  const stdin = gzipSync(lines)
  const first = await runCli(['analyze', '-'], { stdin })
  const second = await runCli(['analyze', '-'], { stdin })
  expect(first).toMatchObject({ code: 0, err: '' })
  expect(second).toEqual(first)
})

test('files are read in the order of their times, whatever the order of their names', async () => {
  const options = { executionCount: 120, slowFrom: 60 }
  const parts = sampleExecutions(options)
  const later = folder.write('a-later.jsonl', otlpJsonLines(parts.slice(60)))
  const earlier = folder.write('b-earlier.jsonl', otlpJsonLines(parts.slice(0, 60)))
  const { code, out } = await runCli([
    'analyze',
    '--json',
    '--fail-on',
    'regression',
    later,
    earlier,
  ])
  const { report, inputs } = JSON.parse(out)
  const [regression] = report.findings.filter(({ kind }: { kind: string }) => kind === 'regression')
  expect(regression).toMatchObject({ direction: 'regression', state: 'open' })
  expect(code).toBe(1)
  expect(inputs.map(({ name }: { name: string }) => name)).toEqual([later, earlier])
})

test('--fail-on: 0 without such a finding', async () => {
  const { code } = await runCli(['analyze', '--fail-on', 'regression', formats['JSON lines']])
  expect(code).toBe(0)
})

describe('bad input', () => {
  const good = formats['JSON lines']
  const bad = {
    'not a trace': ['notes.txt', 'shopping list', /text that begins with "shopping list"/],
    empty: ['empty.json', '', /found nothing/],
    'another shape of JSON': [
      'package.json',
      '{"name":"x","version":"1"}',
      /expected .*resourceSpans/,
    ],
    'a JSON document with a mistake': [
      'broken.json',
      '{"resourceSpans": [}',
      /line 1, byte 19: expected a JSON value/,
    ],
    'truncated gzip': ['cut.gz', gzipSync(lines).subarray(0, 900), /a complete gzip stream/],
    zstd: ['traces.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1]), /zstd -dc/],
  } as const

  test.each(Object.entries(bad))('%s', async (_name, [name, content, message]) => {
    const file = folder.write(name, content)
    const alone = await runCli(['analyze', file])
    expect(alone).toMatchObject({ code: 3, out: '' })
    expect(alone.err).toMatch(message)
    expect(alone.err).toContain(name)
    const beside = await runCli(['analyze', file, good])
    expect(beside.code).toBe(4)
    expect(beside.out).toContain('60 executions')
  })

  test('truncated protobuf keeps what came before', async () => {
    const file = folder.write('cut.proto', prefixed(executions.map(otlpProtobuf)).subarray(0, -7))
    const { code, out, err } = await runCli(['analyze', file])
    expect(code).toBe(4)
    expect(out).toContain('59 executions')
    expect(err).toMatch(/byte \d+: expected \d+ bytes of a message, found the end/)
  })

  test('a bad line and a cut last line cost only themselves', async () => {
    const rows = lines.trimEnd().split('\n')
    rows[3] = '{"resourceSpans": oops}'
    rows[59] = rows[59]?.slice(0, 100) ?? ''
    const { code, out, err } = await runCli([
      'analyze',
      folder.write('holes.jsonl', rows.join('\n')),
    ])
    expect(code).toBe(4)
    expect(out).toContain('58 executions')
    expect(err).toContain('line 4, byte')
    expect(err).toContain('line 60, byte')
  })

  test('a bad span costs only itself, and its place is said', async () => {
    const document = JSON.parse(otlpJson(executions[0] ?? []))
    document.resourceSpans[0].scopeSpans[0].spans[1].traceId = 'not hex'
    const { code, err } = await runCli([
      'analyze',
      folder.write('bad-span.json', JSON.stringify(document)),
    ])
    expect(code).toBe(4)
    expect(err).toContain('spans[1]')
  })

  test('missing, a directory, unreadable', async () => {
    const { code, err } = await runCli(['analyze', `${folder.path}/none`, folder.path])
    expect(code).toBe(3)
    expect(err).toContain('no such file')
    expect(err).toContain('a directory')
    const locked = folder.write('locked.json', '{}')
    chmodSync(locked, 0)
    // Root may read everything; then the file is only the wrong shape.
    expect((await runCli(['analyze', locked])).code).toBe(3)
  })
})

test('names with control characters cannot reach the terminal', async () => {
  const hostile = sampleExecutions({
    executionCount: 3,
    flowId: '\x1b]0;owned\x07\u202eor\nder\x9b2J',
  })
  const file = folder.write('hostile.json', otlpJsonLines(hostile))
  for (const argv of [
    ['analyze', file],
    ['why', '\x1b]0;owned\x07\u202eor\nder\x9b2J-1', file],
  ]) {
    const { out, err } = await runCli(argv)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested
    expect(out + err).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
    expect(out).toContain('\\x1b]0;owned\\x07\\u{202e}or\\nder\\x9b2J')
  }
})

test('a reader that goes away is no error', async () => {
  const { child, ended } = startCli(['analyze', formats['JSON lines']])
  child.stdout?.destroy()
  expect(await ended).toMatchObject({ code: 0, err: '' })
})
