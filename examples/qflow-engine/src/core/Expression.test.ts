import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluateExpression, findExpressionFault } from './Expression.ts'

const scope = {
  data: { amount: 20, name: 'ada', items: [{ n: 1 }], none: null },
  steps: new Map([['a', { ok: true }]]),
}

const cases: readonly (readonly [string, unknown])[] = [
  ['data.amount > 10', true],
  ['${data.amount} >= 20', true],
  ['data.amount < 20 or data.name == "ada"', true],
  ["not (data.name != 'ada') and data.items[0].n === 1", true],
  ['!!data.amount && !data.none', true],
  ['data.amount == -20', false],
  ['data.amount == "20"', false],
  ['data.amount > "3"', false],
  ['data.missing.deep', undefined],
  ['data.missing == null', false],
  ['data.none == null', true],
  ['steps.a.ok', true],
  ['false || true && false', false],
  ['1.5e3', 1500],
  ['"a \\"b\\""', 'a "b"'],
]

test.each(cases)('%s is %s', (text, value) => {
  expect(evaluateExpression(text, scope)).toBe(value)
})

const faults: readonly (readonly [string, string])[] = [
  ['', 'Expression, character 0: expected a literal or a path, found the end'],
  ['data.amount >', 'Expression, character 13: expected a literal or a path, found the end'],
  ['data.amount 5', 'Expression, character 11: expected an operator or the end, found " 5"'],
  ['(true', 'Expression, character 5: expected ), found the end'],
  ['process.exit()', 'Expression, character 12: expected an operator or the end, found "()"'],
  ['a = 1', 'Expression, character 1: expected a literal, a path or an operator, found " = 1"'],
  ['${a b}', 'Expression, character 0: expected a path such as data.order.id, found "${a b}"'],
  [
    `${'('.repeat(100)}1`,
    'Expression, character 65: expected at most 64 nested parentheses, found "(((((((((((("',
  ],
]

test.each(faults)('%s is refused with its position', (text, fault) => {
  expect(findExpressionFault(text)).toBe(fault)
})

test('nothing inherited can be reached', () => {
  for (const path of ['data.constructor', 'data.__proto__', 'data.name.length', 'data.items.map']) {
    expect(evaluateExpression(path, scope)).toBeUndefined()
  }
})

test('any text is evaluated or refused, and never throws anything else', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      const fault = findExpressionFault(text)
      expect(fault === undefined || fault.startsWith('Expression, character')).toBe(true)
    }),
    { seed: 1 },
  )
})
