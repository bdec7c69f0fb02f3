import { expect, test } from 'vitest'
import { comparePending } from './pending-executions.ts'

test('executions enter by end, then by id', () => {
  const at = (executionId: string, endUnixNs: bigint) => ({ executionId, endUnixNs })
  const sorted = [at('b', 2n), at('a', 2n), at('c', 1n)].sort(comparePending)
  expect(sorted.map(({ executionId }) => executionId)).toEqual(['c', 'a', 'b'])
})
