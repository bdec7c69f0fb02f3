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

  add(tenant: string, id: string): void {
    this.#younger.add(tenant, id, hashText(id))
    if (this.#younger.count < this.#capacity) return
    this.#older = this.#younger
    // As large at once: it will have as many.
    this.#younger = new Generation(this.#older.slotCount)
  }

  has(tenant: string, id: string): boolean {
    const hash = hashText(id)
    return this.#younger.has(tenant, id, hash) || this.#older.has(tenant, id, hash)
  }
}

const MIN_SLOT_COUNT = 1024
const NUMBER_BITS = 16
const NUMBER_MASK = 2 ** NUMBER_BITS - 1

/**
 * Ids that are only added, by open addressing. A slot holds the upper half of an id's hash and, in the lower half, the id's
 * number from 1 on; 0 is empty. So that an id is not there, as most are not, is known from one place in memory, where a set
 * of texts looks at a bucket and at texts that lie far away.
 */
class Generation {
  #slots: Int32Array
  /** By number less 1. */
  readonly #ids: string[] = []
  readonly #tenants: string[] = []

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
    return this.#slots[this.#slotOf(tenant, id, hash)] !== 0
  }

  add(tenant: string, id: string, hash: number): void {
    const slot = this.#slotOf(tenant, id, hash)
    if (this.#slots[slot] !== 0) return
    this.#tenants.push(tenant)
    this.#slots[slot] = slotValue(hash, this.#ids.push(id))
    if (2 * this.count > this.slotCount) this.#grow()
  }

  /** Where the id is, or would be. */
  #slotOf(tenant: string, id: string, hash: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const value = slots[slot] ?? 0
      if (value === 0) return slot
      if ((value ^ hash) >>> NUMBER_BITS !== 0) continue
      const at = (value & NUMBER_MASK) - 1
      if (this.#ids[at] === id && this.#tenants[at] === tenant) return slot
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(2 * this.slotCount)
    for (const [at, id] of this.#ids.entries()) {
      const hash = hashText(id)
      this.#slots[this.#slotOf(this.#tenants[at] ?? '', id, hash)] = slotValue(hash, at + 1)
    }
  }
}

function slotValue(hash: number, number: number): number {
  return (hash & ~NUMBER_MASK) | number
}
