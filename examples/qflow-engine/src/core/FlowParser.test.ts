import { expect, test } from 'vitest'
import { flowOf, stepOf } from '../testing/Flows.ts'
import { ExecutionEngine } from './ExecutionEngine.ts'
import { describeIssue } from './FlowCheck.ts'
import { flowParser } from './FlowParser.ts'

const good = flowOf([
  stepOf('a', 'x', { onSuccess: 'all' }),
  stepOf('all', 'p', { type: 'parallel', params: { steps: ['b', stepOf('c', 'x')] } }),
  stepOf('b', 'x'),
])

/** The definition with the value at one path replaced; undefined takes it away. */
function changed(path: readonly (string | number)[], value: unknown): unknown {
  const copy: unknown = structuredClone(good)
  let at = copy as Record<string | number, unknown> // Walked only along paths that exist.
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>
  at[path.at(-1) ?? ''] = value
  return copy
}

test('reads a right definition', () => {
  expect(flowParser.parseFlow(JSON.stringify(good))).toEqual({
    success: true,
    flow: good,
    errors: [],
    warnings: [],
  })
})

const wrong: readonly (readonly [readonly (string | number)[], unknown, string])[] = [
  [['id'], undefined, '/id: expected a text, found nothing'],
  [['steps'], [], '/steps: expected 1 to 10000 steps, found 0'],
  [['steps'], {}, '/steps: expected a list, found an object'],
  [
    ['metadata', 'visibility'],
    'secret',
    '/metadata/visibility: expected public | dao-only | private, found "secret"',
  ],
  [
    ['steps', 0, 'type'],
    'taks',
    '/steps/0/type: expected task | condition | parallel | event-trigger | module-call, found "taks"',
  ],
  [['steps', 0, 'params'], null, '/steps/0/params: expected an object, found null'],
  [
    ['steps', 0, 'onSuccess'],
    'nowhere',
    '/steps/0/onSuccess: expected the id of a step, found "nowhere"',
  ],
  [['steps', 0, 'timeout'], -1, '/steps/0/timeout: expected a number of at least 1, found -1'],
  [['steps', 2, 'id'], 'a', '/steps/2/id: expected an id of its own, found "a"'],
  [
    ['steps', 1, 'params', 'steps'],
    ['b', 'q'],
    '/steps/1/params/steps/1: expected the id of a step, found "q"',
  ],
  [
    ['steps', 0, 'retryPolicy'],
    { maxAttempts: 0, backoffStrategy: 'fixed', initialDelay: 1, maxDelay: 1 },
    '/steps/0/retryPolicy/maxAttempts: expected a number of at least 1, found 0',
  ],
]

test.each(wrong)('%j = %j', (path, value, issue) => {
  const [error] = flowParser.parseFlow(JSON.stringify(changed(path, value), null, 2)).errors
  const { line, column, ...bare } = error ?? { pointer: '', expected: '', found: '' }
  expect(describeIssue(bare)).toBe(issue)
  expect(line).toBeGreaterThan(0)
  expect(column).toBeGreaterThan(0)
})

test('finds a parallel step that holds itself', () => {
  const outer = stepOf('a', 'p', { type: 'parallel', params: { steps: ['b'] } })
  const inner = stepOf('b', 'p', { type: 'parallel', params: { steps: ['a'] } })
  expect(flowParser.parseFlow(JSON.stringify(flowOf([outer, inner]))).errors).toMatchObject([
    { pointer: '/steps/0', found: 'a cycle among a, b' },
  ])
})

test('finds a cycle', () => {
  const cycle = flowOf([stepOf('a', 'x', { onSuccess: 'b' }), stepOf('b', 'x', { onFailure: 'a' })])
  expect(flowParser.parseFlow(JSON.stringify(cycle)).errors).toMatchObject([
    { pointer: '/steps/0', found: 'a cycle among a, b' },
  ])
})

test('points at line and column, also of a text that is no JSON', () => {
  const text = JSON.stringify(changed(['steps', 0, 'onSuccess'], 'nowhere'), null, 2)
  const [issue] = flowParser.parseFlow(text).errors
  const line = text.split('\n').findIndex((part) => part.includes('nowhere'))
  expect(issue).toMatchObject({ line: line + 1, column: 20 })
  expect(flowParser.parseFlow('{\n  "id": }').errors).toEqual([
    { pointer: '', expected: 'a value', found: '"}"', line: 2, column: 9 },
  ])
})

test('warns of steps that nothing leads to', () => {
  const flow = flowOf([stepOf('a', 'x'), stepOf('b', 'x')])
  expect(flowParser.parseFlow(JSON.stringify(flow)).warnings).toMatchObject([
    { pointer: '/steps/1' },
  ])
})

test('every truncation is refused with a position and nothing thrown', () => {
  const text = JSON.stringify(good)
  for (let length = 0; length < text.length; length++) {
    const { success, errors } = flowParser.parseFlow(text.slice(0, length))
    expect(success).toBe(false)
    expect(errors[0]?.line).toBe(1)
  }
})

test('registerFlow throws the same issues', () => {
  const engine = new ExecutionEngine()
  const flow = flowOf([stepOf('a', 'x', { onSuccess: 'nowhere' })])
  expect(() => engine.registerFlow(flow)).toThrow(
    '/steps/0/onSuccess: expected the id of a step, found "nowhere"',
  )
})
