import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
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

const folder = mkdtempSync(path.join(tmpdir(), 'qflow-otel-critical-path-'))
afterAll(() => rmSync(folder, { recursive: true }))

const executions = sampleExecutions({ executionCount: 3 })
const lines = Buffer.from(otlpJsonLines(executions))
/** The same traces as if another program had made them. */
const foreign = Buffer.from(
  lines
    .toString()
    .replaceAll('qflow.', 'other.')
    .replaceAll(/execute_(flow|step) /g, ''),
)

async function critical(stdin: Buffer, ...options: string[]) {
  const terminal = memoryTerminal({ stdin })
  const code = await run(['analyze', '-', '--critical-path', ...options], terminal)
  return { code, out: terminal.outText(), err: terminal.errText() }
}

test('the form of the JSON is a promise', async () => {
  const { code, out, err } = await critical(lines, '--json', '--execution', 'order-1')
  expect({ code, err }).toEqual({ code: EXIT.ok, err: '' })
  // The last digits of some numbers, and so the length of the input, are the JavaScript engine's own.
  const document = JSON.parse(out, (key, value) =>
    key === 'ratio' ? Number(value.toFixed(3)) : value,
  )
  for (const input of document.inputs) input.byteCount = 13_000
  await expect(`${JSON.stringify(document, undefined, 1)}\n`).toMatchFileSnapshot(
    'golden/critical-paths.json',
  )
})

test('the README shows this form', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const [, example = ''] = /A `TimedPath`.*?```json\n(.*?)```/s.exec(readme) ?? []
  const { out } = await critical(lines, '--json', '--execution', 'order-1')
  const [path] = JSON.parse(out).paths
  const documented = JSON.parse(example)
  expect(Object.keys(documented)).toEqual(Object.keys(path))
  expect(Object.keys(documented.root)).toEqual(Object.keys(path.root))
  const call = path.segments.find(({ spanName }: { spanName: string }) => /POST/.test(spanName))
  expect(Object.keys(documented.segments[0])).toEqual(Object.keys(call))
})

const formats = {
  'JSON lines': lines,
  'a JSON document': Buffer.from(otlpJson(executions.flat())),
  protobuf: otlpProtobuf(executions.flat()),
  gzip: gzipSync(lines),
  'Jaeger JSON': Buffer.from(jaegerJson(executions)),
  'without flows': foreign,
}

describe.each(Object.entries(formats))('%s', (_name, bytes) => {
  test('every root is tiled exactly by its own spans, in the order of the starts', async () => {
    const { code, out } = await critical(bytes, '--json')
    expect(code).toBe(EXIT.ok)
    const { schemaVersion, kind, paths } = JSON.parse(out)
    expect({ schemaVersion, kind, count: paths.length }).toEqual({
      schemaVersion: 1,
      kind: 'critical_paths',
      count: 3,
    })
    const starts = paths.map(({ startUnixNs }: { startUnixNs: string }) => startUnixNs)
    expect(starts).toEqual(starts.toSorted())
    const known = spansById(executions.flat())
    for (const { root, startUnixNs, endUnixNs, segments } of paths) {
      expect(known.get(root.spanId)?.isRoot).toBe(true)
      let at = startUnixNs
      for (const segment of segments) {
        expect(segment.startUnixNs).toBe(at)
        expect(known.has(segment.spanId)).toBe(true)
        at = segment.endUnixNs
      }
      expect(at).toBe(endUnixNs)
    }
  })
})

test('in words and pictures', async () => {
  const { out } = await critical(foreign, '--trace', 'A0000000000000000000000000000002')
  expect(out).toMatch(/^a0{30}2 {2}order +ended +\d+\.\d ms$/m)
  expect(out).toMatch(/^ {4}POST payments\.example +#+ +\d+\.\d ms$/m)
  expect(out.replaceAll(/\s+/g, ' ')).toMatch(
    /It was waiting for order itself .*, then for POST payments\.example/,
  )
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
})

test('of many the longest are shown, and how to see the others', async () => {
  const many = Buffer.from(otlpJsonLines(sampleExecutions({ executionCount: 40 })))
  const { out } = await critical(many)
  expect(out.match(/^order-\d+ /gm)).toHaveLength(10)
  expect(out).toContain('the 10 longest of 40 executions are shown')
})

test('what had to be closed early, and what came too late for it, is said', async () => {
  const spans = foreign
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const root = structuredClone(spans[0])
  const [scope] = root.resourceSpans[0].scopeSpans
  // The first trace's root stands at the end, after some megabytes of others.
  const isRoot = (span: { parentSpanId?: string }) => span.parentSpanId === undefined
  const first = structuredClone(spans[0])
  first.resourceSpans[0].scopeSpans[0].spans = scope.spans.filter((one: object) => !isRoot(one))
  scope.spans = scope.spans.filter(isRoot)
  const others = otlpJsonLines(sampleExecutions({ executionCount: 3_000 }))
    .replaceAll('"a000', '"c000')
    .replaceAll('qflow.', 'other.')
  const input = `${JSON.stringify(first)}\n${others}${JSON.stringify(root)}\n`
  const { code, out } = await critical(Buffer.from(input), '--memory-budget-bytes', '1048576')
  expect(code).toBe(EXIT.ok)
  const text = out.replaceAll(/\s+/g, ' ')
  expect(text).toMatch(/! [\d,]+ executions closed early, as they were, to stay within/)
  expect(text).toContain('! 1 of 18,006 spans not used: 1 late after close')
})

test('one picture of one execution', async () => {
  const file = path.join(folder, 'one.svg')
  const { code } = await critical(lines, '--execution', 'order-1', '--svg', file)
  expect(code).toBe(EXIT.ok)
  expect(readFileSync(file, 'utf8')).toMatch(/^<svg .*\n<\/svg>\n$/s)
  const several = await critical(lines, '--svg', file)
  expect(several).toMatchObject({ code: EXIT.usage })
  expect(several.err).toContain('--svg draws one execution, the input holds 3')
  const nowhere = await critical(lines, '--execution', 'order-1', '--svg', `${folder}/none/one.svg`)
  expect(nowhere).toMatchObject({ code: EXIT.outputFailed })
  expect(nowhere.err).toContain('none/one.svg: ENOENT')
})

test('an unknown id prints nothing and names the nearest', async () => {
  for (const format of [[], ['--json']]) {
    const trace = await critical(lines, '--trace', 'a00000000000000000000000000000f1', ...format)
    expect(trace).toMatchObject({ code: EXIT.unknownId, out: '' })
    expect(trace.err).toContain('Nearest: a0000000000000000000000000000001')
    const execution = await critical(lines, '--execution', 'ordr-1', ...format)
    expect(execution).toMatchObject({ code: EXIT.unknownId, out: '' })
    expect(execution.err).toMatch(/no execution "ordr-1" is in the input\n.*Nearest: order-1/s)
  }
})

test('bad input: none, and in part', async () => {
  const none = await critical(Buffer.from('{"resourceSpans":[{"a"'), '--json')
  expect(none.code).toBe(EXIT.noInput)
  expect(JSON.parse(none.out)).toMatchObject({ paths: [], inputs: [{ problemCount: 1 }] })
  expect(none.err).toContain('line 1, byte 22: expected')
  const part = await critical(Buffer.concat([lines, Buffer.from('{"resourceSpans": oops}\n')]))
  expect(part.code).toBe(EXIT.partInput)
  expect(part.err).toContain('line 4, byte')
  expect(part.out).toContain('order-1')
})

test('a name cannot reach the terminal', async () => {
  const hostile = Buffer.from(
    foreign.toString().replaceAll('POST payments.example', '\\u001b]0;owned\\u0007\\u202epay'),
  )
  const { out } = await critical(hostile, '--trace', 'a0000000000000000000000000000001')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested
  expect(out).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
  expect(out).toContain('\\x1b]0;owned\\x07')
})

test.each([
  [['--trace', 'a', '--execution', 'b'], '--trace and --execution exclude each other'],
  [['--trace', 'xyz'], '--trace: expected up to 32 hex digits, found "xyz"'],
  [['--fail-on', 'regression'], '--fail-on and --critical-path exclude each other'],
  [['--flow', 'x'], '--flow and --critical-path exclude each other'],
])('%j is a usage error', async (options, message) => {
  const { code, out, err } = await critical(lines, ...options)
  expect({ code, out }).toEqual({ code: EXIT.usage, out: '' })
  expect(err).toContain(message)
})

function spansById(
  spans: ReturnType<typeof sampleExecutions>[number],
): ReadonlyMap<string, { isRoot: boolean }> {
  return new Map(
    spans.map((span) => [
      span.spanContext().spanId,
      { isRoot: span.parentSpanContext === undefined },
    ]),
  )
}
