import { expect, test } from 'vitest'
import { hashText } from '../stats/hash-uniform.ts'
import { randomStream } from '../stats/random-stream.ts'
import { WholeIds } from './whole-ids.ts'

/** Hashes as they are, and such as ids made up to collide have. */
const HASHES: readonly (readonly [string, (id: string) => number])[] = [
  ['by chance', hashText],
  ['all the same', () => 7],
  ['of a few values', (id) => (hashText(id) % 5) * 0x40000001],
]

test.each(HASHES)(
  'what is held is what a map holds, whatever comes and goes: hashes %s',
  (_, hashOf) => {
    const random = randomStream(1)
    const ids = new WholeIds<{ tenant: string; id: string; hash: number }>({
      idOf: ({ id }) => id,
      hashOf: ({ hash }) => hash,
    })
    const known = new Map<string, { tenant: string; id: string; hash: number }>()
    for (let count = 0; count < 30_000; count++) {
      const tenant = `tenant-${Math.floor(3 * random())}`
      const id = `execution-${Math.floor(1_000 * random())}`
      const hash = hashOf(id)
      const key = `${tenant} ${id}`
      const held = known.get(key)
      expect(ids.get(tenant, id, hash)).toBe(held)
      expect(ids.isEmpty).toBe(known.size === 0)
      if (held !== undefined) {
        if (random() < 0.7) continue
        expect(ids.delete(held)).toBe(true)
        known.delete(key)
        expect(ids.delete(held)).toBe(false)
      } else {
        const fresh = { tenant, id, hash }
        ids.add(fresh)
        known.set(key, fresh)
      }
    }
    expect(known.size).toBeGreaterThan(1_000)
  },
)
