/** Ids of a generation, by tenant. */
interface Generation {
  readonly byTenant: Map<string, Set<string>>
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
    this.#younger.count += 1
    if (this.#younger.count < this.#capacity) return
    this.#older = this.#younger
    this.#younger = emptyGeneration()
  }

  has(tenant: string, id: string): boolean {
    const isYoung = this.#younger.byTenant.get(tenant)?.has(id) ?? false
    return isYoung || (this.#older.byTenant.get(tenant)?.has(id) ?? false)
  }
}

function emptyGeneration(): Generation {
  return { byTenant: new Map(), count: 0 }
}
