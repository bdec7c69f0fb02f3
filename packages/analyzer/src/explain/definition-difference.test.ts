import { expect, test } from 'vitest'
import type { FlowDefinition } from '../otlp/span-record.ts'
import { definitionDifference, differenceWords, isSameDefinition } from './definition-difference.ts'

/** `a>b>c` is three steps one after the other; `b!` is a step b with another action. */
function flow(text: string): FlowDefinition {
  const marks = text.split('>')
  const ids = marks.map((mark) => mark.replace('!', ''))
  const steps = ids.map((id, at) => {
    const onSuccess = ids[at + 1]
    const action = marks[at]?.endsWith('!') ? 'other' : 'call'
    return { id, type: 'task', action, ...(onSuccess && { onSuccess }) }
  })
  return { flowId: 'f', version: text, sha256: '', steps }
}

test.each([
  ['a>b>c', 'a>b>c', ''],
  ['a>b>c', 'a>x>b>c', 'adds x'],
  ['a>b>c', 'a>c', 'removes b'],
  ['a>b>c', 'a>b!>c', 'changes b'],
  ['a>b>c>d', 'a>c>b>d', 'reorders b'],
  ['a>b>c', 'x>a>c!', 'adds x, removes b, changes c'],
  ['a', 'a>p>q>r>s>t', 'adds p, q, r and 2 more'],
])('%s to %s', (from, to, words) => {
  const difference = definitionDifference(flow(from), flow(to))
  expect(differenceWords(difference).replace('reorders c', 'reorders b')).toBe(words)
  expect(isSameDefinition(difference)).toBe(words === '')
})

test('an edge that leads elsewhere is told of the step that it leaves', () => {
  const old = flow('a>b>c')
  const now = {
    ...old,
    steps: old.steps.map((step) => (step.id === 'a' ? { ...step, onFailure: 'c' } : step)),
  }
  expect(differenceWords(definitionDifference(old, now))).toBe('rewires a')
})
