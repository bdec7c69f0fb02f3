import { hashText } from '../stats/hash-uniform.ts'

/**
 * A set of ids that forgets the oldest: at least the newest `capacity` are known, and never more than twice as many.
 * In two generations, since a set from which an id goes for each that comes is put in order again and again.
 */
export class BoundedKeys {
  #younger = new Generation(MIN_SLOT_COUNT)
  #older = new Generation(MIN_SLOT_COUNT)
  readonly #capacity: number

  /** `capacity`: up to 2^16 - 1. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** `hash`: of the id, by `hashText`. */
  add(tenant: string, id: string, hash: number = hashText(id)): void {
    this.#younger.add(tenant, id, hash)
    if (this.#younger.count < this.#capacity) return
    this.#older = this.#younger
    // As large at once: it will have as many.
    this.#younger = new Generation(this.#older.slotCount)
  }

  has(tenant: string, id: string, hash: number = hashText(id)): boolean {
    return this.#younger.has(tenant, id, hash) || this.#older.has(tenant, id, hash)
  }
}

const MIN_SLOT_COUNT = 1024
const NUMBER_BITS = 16
const NUMBER_MASK = 2 ** NUMBER_BITS - 1

/** Looked through for one id. Chance fills so many slots in a row once in millions of ids; who makes ids up does so at will. */
const MAX_PROBE_COUNT = 64
const FULL = -1

/**
 * Ids that are only added, by open addressing. A slot holds the upper half of an id's hash and, in the lower half, the id's
 * number from 1 on; 0 is empty. So that an id is not there, as most are not, is known from one place in memory, where a set
 * of texts looks at a bucket and at texts that lie far away. Ids made up to have equal hashes go into such a set.
 */
class Generation {
  #slots: Int32Array
  /** By number less 1. */
  readonly #ids: string[] = []
  readonly #tenants: string[] = []
  /** What found no slot, see `crowdedKey`. */
  readonly #crowded = new Set<string>()

  constructor(slotCount: number) {
    this.#slots = new Int32Array(slotCount)
  }

  get count(): number {
    return this.#ids.length
  }

  get slotCount(): number {
    return this.#slots.length
  }

  has(tenant: string, id: string, hash: number): boolean {
    const slot = this.#slotOf(tenant, id, hash)
    if (slot !== FULL && this.#slots[slot] !== 0) return true
    return this.#crowded.size > 0 && this.#crowded.has(crowdedKey(tenant, id))
  }

  add(tenant: string, id: string, hash: number): void {
    if (this.has(tenant, id, hash)) return
    this.#tenants.push(tenant)
    this.#place(this.#ids.push(id), hash)
    if (2 * this.count > this.slotCount) this.#grow()
  }

  #place(number: number, hash: number): void {
    // Both lists have it.
    const id = this.#ids[number - 1] as string
    const tenant = this.#tenants[number - 1] as string
    const slot = this.#slotOf(tenant, id, hash)
    if (slot === FULL) this.#crowded.add(crowdedKey(tenant, id))
    else this.#slots[slot] = (hash & ~NUMBER_MASK) | number
  }

  /** Where the id is, or would be. */
  #slotOf(tenant: string, id: string, hash: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    for (let probe = 0; probe < MAX_PROBE_COUNT; probe++) {
      const slot = (hash + probe) & mask
      const value = slots[slot] ?? 0
      if (value === 0) return slot
      if ((value ^ hash) >>> NUMBER_BITS !== 0) continue
      const at = (value & NUMBER_MASK) - 1
      if (this.#ids[at] === id && this.#tenants[at] === tenant) return slot
    }
    return FULL
  }

  #grow(): void {
    this.#slots = new Int32Array(2 * this.slotCount)
    this.#crowded.clear()
    for (const [at, id] of this.#ids.entries()) this.#place(at + 1, hashText(id))
  }
}

/** Of both: a tenant's length says where the id begins. */
function crowdedKey(tenant: string, id: string): string {
  return `${tenant.length} ${tenant}${id}`
}
