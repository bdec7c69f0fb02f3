import { expect, test } from 'vitest'
import { BoundedKeys } from './bounded-keys.ts'

test('the newest keys are known, and no more than twice as many', () => {
  const keys = new BoundedKeys(10)
  for (let count = 1; count <= 100; count++) {
    keys.add(String(count))
    const known = Array.from({ length: count }, (_, index) => keys.has(String(index + 1)))
    expect(known.slice(-10).every(Boolean)).toBe(true)
    expect(known.filter(Boolean).length).toBeLessThanOrEqual(20)
  }
})
