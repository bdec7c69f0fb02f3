import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import {
  jaegerJson,
  otlpJsonLines,
  otlpProtobuf,
  sampleExecutions,
} from '../../../packages/cli/test/sample-traces.ts'
import { runCli } from '../../process/cli.ts'
import { scratchFolder } from '../../process/scratch-folder.ts'

const folder = scratchFolder()
afterAll(() => folder.remove())

const executions = sampleExecutions({ executionCount: 60 })
const lines = otlpJsonLines(executions)
const formats = {
  'JSON lines': folder.write('traces.jsonl', lines),
  'JSON lines, gzip': folder.write('traces.jsonl.gz', gzipSync(lines)),
  protobuf: folder.write('traces.pb', otlpProtobuf(executions.flat())),
  'Jaeger JSON': folder.write('jaeger.json', jaegerJson(executions)),
}

describe('every format has the same critical paths', () => {
  const spanIds = (out: string): readonly string[] =>
    JSON.parse(out).paths.map(({ segments }: { segments: readonly { spanId: string }[] }) =>
      segments.map(({ spanId }) => spanId).join(' '),
    )

  test.each(Object.entries(formats))('%s', async (_name, file) => {
    const { code, out, err } = await runCli(['analyze', '--critical-path', '--json', file])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(spanIds(out)).toHaveLength(60)
    const stdin = Buffer.from(lines)
    const piped = await runCli(['analyze', '--critical-path', '--json', '-'], { stdin })
    expect(spanIds(out)).toEqual(spanIds(piped.out))
  })
})

test('the same files give the same bytes, as JSON, words, picture and exports', async () => {
  const file = formats.protobuf
  const picture = `${folder.path}/picture.svg`
  const runs = [
    ['analyze', '--critical-path', '--json', file],
    ['analyze', '--critical-path', file],
    ['analyze', '--critical-path', '--execution', 'order-7', '--svg', picture, file],
    ['why', 'order-7', file, '--svg', picture],
    ['export', file, '--format', 'speedscope'],
    ['export', file, '--format', 'jaeger'],
  ]
  for (const argv of runs) {
    const first = await runCli(argv)
    const drawn = argv.includes('--svg') ? readFileSync(picture) : undefined
    expect(first).toMatchObject({ code: 0, err: '' })
    expect(await runCli(argv)).toEqual(first)
    if (drawn !== undefined) expect(readFileSync(picture)).toEqual(drawn)
  }
})

test('an export for Jaeger is read like the file it was made of', async () => {
  const file = `${folder.path}/exported.json`
  const exported = await runCli(['export', formats.protobuf, '--format', 'jaeger', '-o', file])
  expect(exported).toMatchObject({ code: 0, out: '', err: '' })
  const { code, out } = await runCli(['analyze', file])
  expect(code).toBe(0)
  expect(out).toMatch(/^order +v1\.0\.0 +60 executions$/m)
})

test('a full device is no silent loss', async () => {
  const picture = await runCli(['why', 'order-7', formats.protobuf, '--svg', '/dev/full'])
  expect(picture.code).toBe(74)
  expect(picture.err).toContain('cannot write /dev/full: ENOSPC')
})
