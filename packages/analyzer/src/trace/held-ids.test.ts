import { expect, test } from 'vitest'
import { hashText } from '../stats/hash-uniform.ts'
import { randomStream } from '../stats/random-stream.ts'
import { HeldIds } from './held-ids.ts'

test('what is held is what a map holds, whatever comes and goes', () => {
  const random = randomStream(1)
  const ids = new HeldIds<number>()
  const known = new Map<string, number>()
  for (let count = 0; count < 20_000; count++) {
    const tenant = `tenant-${Math.floor(3 * random())}`
    const id = `execution-${Math.floor(500 * random())}`
    const key = `${tenant} ${id}`
    expect(ids.has(tenant, id, hashText(id))).toBe(known.has(key))
    expect(ids.get(tenant, id)).toBe(known.get(key))
    if (random() < 0.4) {
      ids.delete(tenant, id, hashText(id))
      known.delete(key)
    } else if (!known.has(key)) {
      ids.add(tenant, id, count, hashText(id))
      known.set(key, count)
    }
  }
  expect(known.size).toBeGreaterThan(100)
})
