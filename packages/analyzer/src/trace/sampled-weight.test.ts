import { expect, test } from 'vitest'
import { sampledWeight } from './sampled-weight.ts'

test.each([
  ['', 1],
  ['vendor=1', 1],
  ['ot=th:0', 1],
  ['ot=th:8', 2],
  ['ot=th:c', 4],
  ['vendor=x, ot=rv:0123456789abcd;th:f', 16],
  ['ot=rv:0123456789abcd', undefined],
  ['ot=th:xyz', undefined],
  ['ot=th:', undefined],
  ['ot=th:000000000000000', undefined],
])('%s stands for %s', (traceState, weight) => {
  expect(sampledWeight(traceState)).toBe(weight)
})

test('a threshold of all digits is still some executions, not infinitely many', () => {
  expect(sampledWeight('ot=th:ffffffffffffff')).toBe(2 ** 56)
})
