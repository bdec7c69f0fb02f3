import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { readFlowFile } from './flow-file.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'qflow-otel-flow-'))
afterAll(() => rmSync(folder, { recursive: true }))

function read(content: unknown): ReturnType<typeof readFlowFile> {
  const file = path.join(folder, 'flow.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return readFlowFile(file)
}

test('steps with their edges; groups name their members', () => {
  const flow = read({
    id: 'order',
    version: '1.0.0',
    name: 'ignored',
    steps: [
      { id: 'check', type: 'condition', action: 'evaluate', params: { onTrue: 'both' } },
      { id: 'both', type: 'parallel', steps: [{ id: 'a', type: 'task', action: 'http' }, 'b'] },
      { id: 'b', type: 'task', action: 'cpu', onFailure: 'check', params: { secret: 'no' } },
    ],
  })
  expect(flow).toEqual({
    flowId: 'order',
    version: '1.0.0',
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    steps: [
      { id: 'check', type: 'condition', action: 'evaluate', onTrue: 'both' },
      { id: 'both', type: 'parallel', action: '', steps: ['a', 'b'] },
      { id: 'a', type: 'task', action: 'http' },
      { id: 'b', type: 'task', action: 'cpu', onFailure: 'check' },
    ],
  })
})

test.each([
  ['{"id":', 'line 1, byte 6: expected a JSON value'],
  [[], 'expected an object, found []'],
  [{ version: '1' }, 'id: expected a text that is not empty, found nothing'],
  [{ id: 'a', version: '1' }, 'steps: expected an array of steps, found nothing'],
  [
    { id: 'a', version: '1', steps: [{ id: 7 }] },
    'steps[0].id: expected a text that is not empty, found 7',
  ],
  [
    { id: 'a', version: '1', steps: [{ id: 's', type: 'task', onSuccess: {} }] },
    'steps[0].onSuccess: expected a text that is not empty, found {}',
  ],
])('%j is wrong', (content, message) => {
  expect(() => read(content)).toThrow(
    expect.objectContaining({ code: EXIT.usage, message: expect.stringContaining(message) }),
  )
})

test('the id of a flow in place of a file', () => {
  expect(() => readFlowFile('inventory-sync')).toThrow(
    expect.objectContaining({ advice: [expect.stringContaining('qflow-otel why FLOW FILE…')] }),
  )
  expect(() => readFlowFile('none.json')).toThrow(expect.objectContaining({ advice: [] }))
})

test('a missing file', () => {
  expect(() => readFlowFile(path.join(folder, 'none.json'))).toThrow(
    "expected a JSON file with a flow's definition, found no such file",
  )
})
