import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { otlpJsonLines, sampleExecutions } from '../../test/sample-traces.ts'
import { memoryTerminal } from '../memory-terminal.ts'
import { analyzeInputs } from './analyze-inputs.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'qflow-otel-analyze-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a span from the far future does not end the executions of the others', async () => {
  const lines = otlpJsonLines(sampleExecutions({ executionCount: 3 }))
    .trimEnd()
    .split('\n')
  // One execution arrives in two parts; between them a span of a clock that is years ahead.
  const [first = '', second = '', third = ''] = lines
  const future = second.replace(
    /"endTimeUnixNano":"\d+"/,
    '"endTimeUnixNano":"1999999999000000000"',
  )
  const file = path.join(folder, 'future.jsonl')
  writeFileSync(file, [first, future, third].join('\n'))
  const { analyzer, inputs } = await analyzeInputs({
    files: [file],
    flowFiles: [],
    options: {},
    terminal: memoryTerminal(),
  })
  expect(inputs).toMatchObject([{ problemCount: 0 }])
  expect(analyzer.losses().closedExecutions['idle'] ?? 0).toBe(0)
})

test('a flow definition is known before the first span', async () => {
  const flowFile = path.join(folder, 'flow.json')
  const step = { id: 'validate-order', type: 'task', action: 'cpu' }
  writeFileSync(flowFile, JSON.stringify({ id: 'order', version: '1.0.0', steps: [step] }))
  const file = path.join(folder, 'traces.jsonl')
  writeFileSync(file, otlpJsonLines(sampleExecutions({ executionCount: 5 })))
  const { analyzer } = await analyzeInputs({
    files: [file],
    flowFiles: [flowFile],
    options: {},
    terminal: memoryTerminal(),
  })
  expect(analyzer.report().flows).toMatchObject([{ flowId: 'order', executionCount: 5 }])
})
