const MIN_SLOT_COUNT = 1024
/** Looked through for one id. Chance fills so many slots in a row once in millions of ids; who makes ids up does so at will. */
const MAX_PROBE_COUNT = 64
const FULL = -1

/** What a slot holds: nothing since the table was made anew, something, or something that went. */
const EMPTY = 0
const TAKEN = 1
const LEFT = 2

/**
 * What is held of executions that came whole, each in its tenant, by open addressing: nearly all of what is held comes and goes once
 * and is never asked for, and a map of texts is made anew again and again for it. Ids made up to have equal hashes go into a map.
 */
export class WholeIds<T extends { readonly tenant: string }> {
  readonly #idOf: (held: T) => string
  readonly #hashOf: (held: T) => number
  #states = new Uint8Array(MIN_SLOT_COUNT)
  #hashes = new Int32Array(MIN_SLOT_COUNT)
  #held: (T | undefined)[] = new Array(MIN_SLOT_COUNT).fill(undefined)
  /** What found no slot, see `crowdedKey`. */
  readonly #crowded = new Map<string, T>()
  #takenCount = 0
  #leftCount = 0

  /** `hashOf`: of the id, by `hashText`. */
  constructor({
    idOf,
    hashOf,
  }: {
    readonly idOf: (held: T) => string
    readonly hashOf: (held: T) => number
  }) {
    this.#idOf = idOf
    this.#hashOf = hashOf
  }

  get isEmpty(): boolean {
    return this.#takenCount + this.#crowded.size === 0
  }

  /** `hash`: of the id, by `hashText`. */
  get(tenant: string, id: string, hash: number): T | undefined {
    const slot = this.#slotOf(tenant, id, hash)
    if (slot !== FULL) return this.#held[slot]
    return this.#crowded.size === 0 ? undefined : this.#crowded.get(crowdedKey(tenant, id))
  }

  /** Its id is not held yet. */
  add(held: T): void {
    if (2 * (this.#takenCount + this.#leftCount) >= this.#states.length) this.#arrange()
    this.#place(held)
  }

  delete(held: T): boolean {
    const { tenant } = held
    const id = this.#idOf(held)
    const slot = this.#slotOf(tenant, id, this.#hashOf(held))
    if (slot === FULL) return this.#crowded.size > 0 && this.#crowded.delete(crowdedKey(tenant, id))
    // Whoever looks further than here looks past a slot that something left.
    const isLast = this.#states[(slot + 1) & (this.#states.length - 1)] === EMPTY
    this.#states[slot] = isLast ? EMPTY : LEFT
    this.#held[slot] = undefined
    this.#takenCount--
    if (!isLast) this.#leftCount++
    return true
  }

  #slotOf(tenant: string, id: string, hash: number): number {
    const states = this.#states
    const mask = states.length - 1
    for (let probe = 0; probe < MAX_PROBE_COUNT; probe++) {
      const slot = (hash + probe) & mask
      const state = states[slot]
      if (state === EMPTY) return FULL
      if (state !== TAKEN || this.#hashes[slot] !== (hash | 0)) continue
      // What is taken is held.
      const held = this.#held[slot] as T
      if (held.tenant === tenant && this.#idOf(held) === id) return slot
    }
    return FULL
  }

  #place(held: T): void {
    const states = this.#states
    const mask = states.length - 1
    const hash = this.#hashOf(held)
    for (let probe = 0; probe < MAX_PROBE_COUNT; probe++) {
      const slot = (hash + probe) & mask
      if (states[slot] === TAKEN) continue
      if (states[slot] === LEFT) this.#leftCount--
      states[slot] = TAKEN
      this.#hashes[slot] = hash
      this.#held[slot] = held
      this.#takenCount++
      return
    }
    this.#crowded.set(crowdedKey(held.tenant, this.#idOf(held)), held)
  }

  /** Without slots that something left, and with three times as many as are taken at least. */
  #arrange(): void {
    const all = [...this.#held.filter((held) => held !== undefined), ...this.#crowded.values()]
    let slotCount = MIN_SLOT_COUNT
    while (slotCount < 3 * all.length) slotCount *= 2
    this.#states = new Uint8Array(slotCount)
    this.#hashes = new Int32Array(slotCount)
    this.#held = new Array(slotCount).fill(undefined)
    this.#crowded.clear()
    this.#takenCount = 0
    this.#leftCount = 0
    for (const held of all) this.#place(held)
  }
}

/** Of both: a tenant's length says where the id begins. */
function crowdedKey(tenant: string, id: string): string {
  return `${tenant.length} ${tenant}${id}`
}
