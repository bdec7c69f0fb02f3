import { afterAll, expect, test } from 'vitest'
import { otlpJsonLines, sampleExecutions } from '../../../packages/cli/test/sample-traces.ts'
import { runCli } from '../../process/cli.ts'
import { scratchFolder } from '../../process/scratch-folder.ts'

const folder = scratchFolder()
afterAll(() => folder.remove())
const file = folder.write('traces.jsonl', otlpJsonLines(sampleExecutions({ executionCount: 200 })))

test('an execution: words, then its waterfall', async () => {
  const { code, out, err } = await runCli(['why', 'order-3', file])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^order-3 +order v1\.0\.0 +completed +\d+\.\d ms$/m)
  expect(out).toMatch(/^ {2}charge-card +#[#-]+ +\d+\.\d ms$/m)
  expect(out).toMatch(/^ {4}POST payments\.example +#+ +\d+\.\d ms$/m)
  expect(out).toContain('# on the critical path')
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
})

test('a flow', async () => {
  const { code, out } = await runCli(['why', 'order', file])
  expect(code).toBe(0)
  expect(out).toContain('charge-card')
})

test('as JSON', async () => {
  const { code, out } = await runCli(['why', 'order-3', file, '--json'])
  const explanation = JSON.parse(out)
  expect(code).toBe(0)
  expect(explanation).toMatchObject({ schemaVersion: 1, kind: 'explanation' })
  expect(explanation.answer).toMatchObject({ about: 'execution', id: 'order-3' })
  expect(explanation.execution.execution.executionId).toBe('order-3')
})

test('an unknown id names the nearest', async () => {
  const { code, out, err } = await runCli(['why', 'ordr-3', file])
  expect({ code, out }).toEqual({ code: 6, out: '' })
  expect(err).toContain('no execution or flow "ordr-3" is known')
  expect(err).toMatch(/Nearest: .*order-3/)
})

test('a trace without flows: where its critical path is told', async () => {
  const { code, err } = await runCli(['why', 'a00000000000000000000000000000ff', file])
  expect(code).toBe(6)
  expect(err).toContain('qflow-otel analyze FILE… --critical-path --trace ID')
})

test('nothing usable in the files', async () => {
  const { code, err } = await runCli(['why', 'order-3', folder.write('no.txt', 'no trace')])
  expect(code).toBe(3)
  expect(err).toContain('text that begins with "no trace"')
})

test('no collector is running', async () => {
  // A reserved port of the discard service: nobody listens there.
  const { code, err } = await runCli(['why', 'x', '--url', 'http://127.0.0.1:9'])
  expect(code).toBe(5)
  expect(err).toContain('no collector answers at http://127.0.0.1:9/')
  expect(err).toContain('qflow-otel serve')
})
