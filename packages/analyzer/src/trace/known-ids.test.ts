import { expect, test } from 'vitest'
import { hashText } from '../stats/hash-uniform.ts'
import { randomStream } from '../stats/random-stream.ts'
import { KnownIds } from './known-ids.ts'

interface Held {
  readonly tenant: string
  readonly id: string
  number: number
}

const newIds = (capacity: number, maxLength = Number.POSITIVE_INFINITY) =>
  new KnownIds<Held>({ capacity, maxLength }, ({ id }) => id)

test('the newest that went are known, each in its tenant, and no more than twice as many', () => {
  const ids = newIds(10)
  const tenantOf = (count: number) => `tenant-${count % 3}`
  for (let count = 1; count <= 100; count++) {
    ids.addGone(tenantOf(count), String(count))
    const known = Array.from({ length: count }, (_, index) =>
      ids.has(tenantOf(index + 1), String(index + 1)),
    )
    expect(known.slice(-10).every(Boolean)).toBe(true)
    expect(known.filter(Boolean).length).toBeLessThanOrEqual(20)
    expect(ids.has(tenantOf(count + 1), String(count))).toBe(false)
  }
})

test('of long ids fewer are known: their characters count, whichever way they went', () => {
  const ids = newIds(1_000, 10_000)
  const idOf = (count: number) => `${count}-`.padEnd(500, 'x')
  for (let count = 0; count < 300; count++) {
    const id = idOf(count)
    if (count % 2 === 0) ids.addGone('t', id)
    else ids.letGo(ids.hold({ tenant: 't', id, number: 0 }, 't', hashText(id)))
    const known = Array.from({ length: count + 1 }, (_, index) => ids.has('t', idOf(index)))
    expect(known.slice(-20).every(Boolean)).toBe(true)
    expect(500 * known.filter(Boolean).length).toBeLessThanOrEqual(2 * 10_000)
  }
})

/** Hashes as they are, and such as ids made up to collide have. */
const HASHES: readonly (readonly [string, (id: string) => number])[] = [
  ['by chance', hashText],
  ['with a sign', (id) => hashText(id) | 0],
  ['all the same', () => 7],
  ['of a few values', (id) => (hashText(id) % 5) * 0x40000001],
]

test.each(HASHES)('what is known is what a map and two sets know: hashes %s', (_, hashOf) => {
  const random = randomStream(1)
  const capacity = 300
  const ids = newIds(capacity)
  const held = new Map<string, Held>()
  let younger = new Set<string>()
  let older = new Set<string>()
  const noteGone = (key: string) => {
    younger.add(key)
    if (younger.size < capacity) return
    older = younger
    younger = new Set()
  }
  for (let count = 0; count < 20_000; count++) {
    // One alone at first.
    const tenant = `tenant-${count < 2_000 ? 0 : Math.floor(3 * random())}`
    const id = `execution-${Math.floor(1_000 * random())}`
    const hash = hashOf(id)
    const key = `${tenant} ${id}`
    const known = held.get(key)
    const isGone = younger.has(key) || older.has(key)
    if (ids.get(tenant, id, hash) !== known) expect.unreachable(`${key} after ${count}`)
    if (ids.has(tenant, id, hash) !== (isGone || known !== undefined))
      expect.unreachable(`${key} after ${count}`)
    expect(ids.holdsNothing).toBe(held.size === 0)
    const choice = random()
    if (known !== undefined) {
      if (choice < 0.5) continue
      held.delete(key)
      if (choice < 0.6) ids.forget(known.number)
      else {
        ids.letGo(known.number)
        noteGone(key)
      }
    } else if (isGone || choice < 0.2) {
      ids.addGone(tenant, id, hash)
      noteGone(key)
    } else {
      const fresh = { tenant, id, number: 0 }
      fresh.number = ids.hold(fresh, tenant, hash)
      held.set(key, fresh)
    }
  }
  expect(held.size).toBeGreaterThan(300)
  expect(older.size).toBe(capacity)
})
