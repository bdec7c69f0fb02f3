import { expect, test } from 'vitest'
import { nextFeed } from './feed.ts'

const ready = { kind: 'ready', value: 1 } as const

test('a failure keeps what is shown and says so', () => {
  expect(nextFeed(ready, { kind: 'failed', reason: 'HTTP 500' })).toEqual({
    kind: 'ready',
    value: 1,
    problem: 'HTTP 500',
  })
})

test('a good answer clears the problem', () => {
  expect(nextFeed({ ...ready, problem: 'x' }, { kind: 'ok', value: 2 })).toEqual({
    kind: 'ready',
    value: 2,
  })
})

test('without anything to show, a failure is all there is', () => {
  expect(nextFeed({ kind: 'loading' }, { kind: 'failed', reason: 'x' })).toEqual({
    kind: 'failed',
    reason: 'x',
  })
})

test('what is gone is not shown', () => {
  expect(nextFeed(ready, { kind: 'missing' })).toEqual({ kind: 'missing' })
})
