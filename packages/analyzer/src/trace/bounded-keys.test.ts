import { expect, test } from 'vitest'
import { hashText } from '../stats/hash-uniform.ts'
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

const numbered = (count: number) => Array.from({ length: count }, (_, at) => String(at))
/** One in 256, all of which want the same few places. */
const colliding = numbered(256 * 1_000).filter((id) => (hashText(id) & 0xff) === 0)

test.each([
  ['of ids at random', numbered(6_000), 3_000],
  ['of ids with hashes that collide', colliding, 600],
])('what is known is what two generations of sets know: %s', (_, ids, capacity) => {
  const random = randomStream(1)
  const keys = new BoundedKeys(capacity)
  let younger = new Set<string>()
  let older = new Set<string>()
  const some = () =>
    [`tenant-${Math.floor(3 * random())}`, ids[Math.floor(ids.length * random())] ?? ''] as const
  for (let count = 0; count < 10 * capacity; count++) {
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
