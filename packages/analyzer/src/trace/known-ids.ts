import { hashText } from '../stats/hash-uniform.ts'

const MIN_SLOT_COUNT = 1024
/** Of a slot, for the number of what it leads to; the bits above are those of the hash. */
const NUMBER_BITS = 20
const NUMBER_MASK = 2 ** NUMBER_BITS - 1
/** Looked through for one id. Chance fills so many slots in a row once in millions of ids; who makes ids up does so at will. */
const MAX_PROBE_COUNT = 64
const NONE = -1
/** Lengths are counted in so many characters, so that one takes a byte: those of readers have 16 such pieces at most. */
const PIECE_LENGTH = 16
const MAX_PIECE_COUNT = 255
/** Of what no list of ids has. */
export const NO_NUMBER = -1

/** Of what went and is still known: see `KnownIds`. */
interface KnownLimits {
  readonly capacity: number
  /** In characters. */
  readonly maxLength: number
}

/**
 * Ids, each in its tenant: of what came whole as long as it is held, and of all that was let go of for a while. They stand in the order
 * in which they came, and are found by open addressing: nearly every id that comes is new, which is known from one place in
 * memory, where a map of texts looks at a bucket and at texts that lie far away, and is made anew again and again. So what is held
 * is let go of without looking for it. Ids made up to have equal hashes go into a map.
 *
 * Of what went at least the last `capacity` are known, or as many as have `maxLength` characters together, and never more than twice
 * as many: they are forgotten by generations, each of so many, the older one when the younger one is full.
 */
export class KnownIds<T extends object> {
  readonly #limits: KnownLimits
  readonly #idOf: (held: T) => string
  /** What is held; the id of what went; nothing for what is forgotten. */
  #entries: (T | string | undefined)[] = []
  /** The tenant of all, mostly; of each entry, once there is another one. */
  #firstTenant: string | undefined
  #tenants: string[] = []
  /** Of each entry. */
  #hashes = new Int32Array(MIN_SLOT_COUNT)
  /** In which generation each went, 1 or 2 in turn; 0 for what did not. */
  #generations = new Uint8Array(MIN_SLOT_COUNT)
  /** Of each id, in pieces: the text itself lies far away by the time it goes. */
  #pieces = new Uint8Array(MIN_SLOT_COUNT)
  /** Numbers count on from the first that there was: this is that of the first entry. */
  #firstNumber = 0
  /** Upper bits of a hash, and below them a place among the entries from 1 on; 0 is empty. */
  #slots = new Int32Array(MIN_SLOT_COUNT)
  /** Places of what found no slot, see `crowdedKey`. */
  readonly #crowded = new Map<string, number>()
  #heldCount = 0
  #generation = 1
  /** How many went in this generation. */
  #goneCount = 0
  /** Characters of their ids. */
  #goneLength = 0

  constructor(limits: KnownLimits, idOf: (held: T) => string) {
    this.#limits = limits
    this.#idOf = idOf
  }

  get holdsNothing(): boolean {
    return this.#heldCount === 0
  }

  /** Whether it is held or went. `hash`: of the id, by `hashText`. */
  has(tenant: string, id: string, hash: number = hashText(id)): boolean {
    return this.#placeOf(tenant, id, hash) !== NONE
  }

  /** What is held. */
  get(tenant: string, id: string, hash: number = hashText(id)): T | undefined {
    const place = this.#placeOf(tenant, id, hash)
    const entry = place === NONE ? undefined : this.#entries[place]
    return typeof entry === 'string' ? undefined : entry
  }

  /** What is held from now on, with an id that is not known. Returns its number. */
  hold(held: T, tenant: string, hash: number): number {
    this.#heldCount++
    return this.#add(held, tenant, this.#idOf(held), hash) + this.#firstNumber
  }

  /** What is held goes. */
  letGo(number: number): void {
    const place = number - this.#firstNumber
    // It is held.
    this.#entries[place] = this.#idOf(this.#entries[place] as T)
    this.#heldCount--
    this.#noteGone(place)
  }

  /** What is held is held elsewhere from now on. */
  forget(number: number): void {
    this.#entries[number - this.#firstNumber] = undefined
    this.#heldCount--
  }

  /** What was held elsewhere went. */
  addGone(tenant: string, id: string, hash: number = hashText(id)): void {
    const known = this.#placeOf(tenant, id, hash)
    if (known !== NONE && this.#generations[known] === this.#generation) return
    this.#noteGone(known === NONE ? this.#add(id, tenant, id, hash) : known)
  }

  #noteGone(place: number): void {
    this.#generations[place] = this.#generation
    this.#goneCount++
    this.#goneLength += PIECE_LENGTH * (this.#pieces[place] ?? 0)
    const { capacity, maxLength } = this.#limits
    if (this.#goneCount < capacity && this.#goneLength < maxLength) return
    this.#goneCount = 0
    this.#goneLength = 0
    const older = this.#generation
    this.#generation = older === 1 ? 2 : 1
    this.#forgetBut(older)
  }

  /** Forgets all that went in other generations. */
  #forgetBut(generation: number): void {
    const entries = this.#entries
    for (let place = 0; place < entries.length; place++) {
      const isGone = typeof entries[place] === 'string'
      if (isGone && this.#generations[place] !== generation) entries[place] = undefined
    }
    let first = 0
    while (first < entries.length && entries[first] === undefined) first++
    this.#firstNumber += first
    this.#entries = entries.slice(first)
    this.#tenants = this.#tenants.slice(first)
    this.#hashes = this.#hashes.slice(first)
    this.#generations = this.#generations.slice(first)
    this.#pieces = this.#pieces.slice(first)
    this.#fillSlots(this.#slots.length)
  }

  #add(entry: T | string, tenant: string, id: string, hash: number): number {
    const place = this.#entries.push(entry) - 1
    this.#addTenant(tenant, place)
    if (place >= this.#hashes.length) this.#grow()
    this.#hashes[place] = hash
    this.#generations[place] = 0
    this.#pieces[place] = Math.min(Math.ceil(id.length / PIECE_LENGTH), MAX_PIECE_COUNT)
    if (2 * this.#entries.length > this.#slots.length) this.#fillSlots(2 * this.#slots.length)
    else this.#fillSlot(place)
    return place
  }

  #addTenant(tenant: string, place: number): void {
    this.#firstTenant ??= tenant
    if (tenant === this.#firstTenant && this.#tenants.length === 0) return
    while (this.#tenants.length < place) this.#tenants.push(this.#firstTenant)
    this.#tenants.push(tenant)
  }

  #tenantAt(place: number): string | undefined {
    return this.#tenants.length === 0 ? this.#firstTenant : this.#tenants[place]
  }

  /** Room for half as many more, as lists grow. */
  #grow(): void {
    const length = Math.ceil(1.5 * (this.#hashes.length + 1))
    const hashes = new Int32Array(length)
    hashes.set(this.#hashes)
    this.#hashes = hashes
    const generations = new Uint8Array(length)
    generations.set(this.#generations)
    this.#generations = generations
    const pieces = new Uint8Array(length)
    pieces.set(this.#pieces)
    this.#pieces = pieces
  }

  #fillSlots(slotCount: number): void {
    this.#slots = new Int32Array(slotCount)
    this.#crowded.clear()
    for (let place = 0; place < this.#entries.length; place++)
      if (this.#entries[place] !== undefined) this.#fillSlot(place)
  }

  #fillSlot(place: number): void {
    const slots = this.#slots
    const hash = this.#hashes[place] ?? 0
    const mask = slots.length - 1
    for (let probe = 0; probe < MAX_PROBE_COUNT && place < NUMBER_MASK; probe++) {
      const slot = (hash + probe) & mask
      if (slots[slot] !== 0) continue
      slots[slot] = (hash & ~NUMBER_MASK) | (place + 1)
      return
    }
    this.#crowded.set(crowdedKey(this.#tenantAt(place) ?? '', this.#idAt(place) ?? ''), place)
  }

  #placeOf(tenant: string, id: string, hash: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    for (let probe = 0; probe < MAX_PROBE_COUNT; probe++) {
      const value = slots[(hash + probe) & mask] ?? 0
      if (value === 0) break
      if ((value ^ hash) >>> NUMBER_BITS !== 0) continue
      const place = (value & NUMBER_MASK) - 1
      if (this.#idAt(place) === id && this.#tenantAt(place) === tenant) return place
    }
    if (this.#crowded.size === 0) return NONE
    const place = this.#crowded.get(crowdedKey(tenant, id)) ?? NONE
    return place !== NONE && this.#entries[place] === undefined ? NONE : place
  }

  #idAt(place: number): string | undefined {
    const entry = this.#entries[place]
    return typeof entry === 'object' ? this.#idOf(entry) : entry
  }
}

/** Of both: a tenant's length says where the id begins. */
function crowdedKey(tenant: string, id: string): string {
  return `${tenant.length} ${tenant}${id}`
}
