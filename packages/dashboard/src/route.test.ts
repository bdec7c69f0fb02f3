import fc from 'fast-check'
import { expect, test } from 'vitest'
import { executionHref, flowHref, parseRoute } from './route.ts'

test.each(['', '#', '#/'])('%j is the overview', (hash) => {
  expect(parseRoute(hash)).toEqual({ kind: 'overview' })
})

test.each(['#/flow', '#/flow/', '#/flow/a/b', '#/flow/%zz', '#/nowhere/x', '#x'])(
  '%j names nothing',
  (hash) => {
    expect(parseRoute(hash)).toEqual({ kind: 'unknown', hash })
  },
)

test('any id survives its address', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (id) => {
      expect(parseRoute(flowHref(id) ?? '')).toEqual({ kind: 'flow', flowId: id })
      expect(parseRoute(executionHref(id) ?? '')).toEqual({ kind: 'execution', executionId: id })
    }),
  )
})

test('half a surrogate pair does not break the page', () => {
  expect(parseRoute(flowHref('a\ud800b') ?? '')).toEqual({ kind: 'flow', flowId: 'a\ufffdb' })
})

test('an id too long for a request is no link', () => {
  expect(flowHref('x'.repeat(1001))).toBeUndefined()
  expect(executionHref('x'.repeat(1001))).toBeUndefined()
})
