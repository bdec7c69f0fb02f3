import { hashText } from '../stats/hash-uniform.ts'

/** Ids of a generation, by tenant. */
interface Generation {
  readonly byTenant: Map<string, Set<string>>
  /** One for each hash that an id of it has: most ids that are looked for are in none, which is known without a set. */
  readonly hashes: Uint32Array
  count: number
}

/**
 * A set of ids that forgets the oldest: at least the newest `capacity` are known, and never more than twice as many.
 * In two generations, since a set from which an id goes for each that comes is put in order again and again; by tenant,
 * since a text made of both would have to be hashed anew.
 */
export class BoundedKeys {
  #younger = emptyGeneration()
  #older = emptyGeneration()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  add(tenant: string, id: string): void {
    const ids = this.#younger.byTenant.get(tenant) ?? new Set()
    if (ids.size === 0) this.#younger.byTenant.set(tenant, ids)
    if (ids.has(id)) return
    ids.add(id)
    const hash = hashOf(id)
    this.#younger.hashes[hash >>> 5] = (this.#younger.hashes[hash >>> 5] ?? 0) | (1 << (hash & 31))
    this.#younger.count += 1
    if (this.#younger.count < this.#capacity) return
    this.#older = this.#younger
    this.#younger = emptyGeneration()
  }

  has(tenant: string, id: string): boolean {
    const hash = hashOf(id)
    return isAmong(this.#younger, hash, tenant, id) || isAmong(this.#older, hash, tenant, id)
  }
}

/** A million places, 128 KB, for some 50,000 ids: one in twenty that is not among them is looked for in vain. */
const HASH_BITS = 20

function emptyGeneration(): Generation {
  return { byTenant: new Map(), hashes: new Uint32Array(2 ** HASH_BITS / 32), count: 0 }
}

function isAmong(
  { hashes, byTenant }: Generation,
  hash: number,
  tenant: string,
  id: string,
): boolean {
  if (((hashes[hash >>> 5] ?? 0) & (1 << (hash & 31))) === 0) return false
  return byTenant.get(tenant)?.has(id) ?? false
}

function hashOf(id: string): number {
  return hashText(id) >>> (32 - HASH_BITS)
}
