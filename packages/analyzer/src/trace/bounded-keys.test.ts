import { expect, test } from 'vitest'
import { BoundedKeys } from './bounded-keys.ts'

test('the newest ids are known, each in its tenant, and no more than twice as many', () => {
  const keys = new BoundedKeys(10)
  const tenantOf = (count: number) => `tenant-${count % 3}`
  for (let count = 1; count <= 100; count++) {
    keys.add(tenantOf(count), String(count))
    const known = Array.from({ length: count }, (_, index) =>
      keys.has(tenantOf(index + 1), String(index + 1)),
    )
    expect(known.slice(-10).every(Boolean)).toBe(true)
    expect(known.filter(Boolean).length).toBeLessThanOrEqual(20)
    expect(keys.has(tenantOf(count + 1), String(count))).toBe(false)
  }
})
