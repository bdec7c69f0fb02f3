import { expect, test } from 'vitest'
import { randomStream } from '../stats/random-stream.ts'
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

test('what is known is what two generations of sets know, however many ids there are', () => {
  const random = randomStream(1)
  const capacity = 3_000
  const keys = new BoundedKeys(capacity)
  let younger = new Set<string>()
  let older = new Set<string>()
  const some = () =>
    [`tenant-${Math.floor(3 * random())}`, String(Math.floor(6_000 * random()))] as const
  for (let count = 0; count < 30_000; count++) {
    const [tenant, id] = some()
    keys.add(tenant, id)
    younger.add(`${tenant} ${id}`)
    if (younger.size === capacity) {
      older = younger
      younger = new Set()
    }
    const [other, asked] = some()
    const isKnown = younger.has(`${other} ${asked}`) || older.has(`${other} ${asked}`)
    if (keys.has(other, asked) !== isKnown) expect.unreachable(`${other} ${asked} after ${count}`)
  }
  expect(older.size).toBe(capacity)
})
