/**
 * What is held by id, each in its tenant. Most ids that come are new, which is known by a count of those with a hash like
 * theirs: the maps lie far away, and so do the texts that they compare with.
 */
export class HeldIds<T> {
  readonly #byTenant = new Map<string, Map<string, T>>()
  /** By some bits of the hash. Large enough for as many as there may be. */
  readonly #counts = new Uint32Array(2 ** COUNT_BITS)

  get(tenant: string, id: string): T | undefined {
    return this.#byTenant.get(tenant)?.get(id)
  }

  /** `hash`: of the id, by `hashText`. */
  has(tenant: string, id: string, hash: number): boolean {
    return this.#counts[hash & COUNT_MASK] !== 0 && this.get(tenant, id) !== undefined
  }

  /** `id` is not held yet; `hash`: of it, by `hashText`. */
  add(tenant: string, id: string, held: T, hash: number): void {
    const own = this.#byTenant.get(tenant)
    if (own === undefined) this.#byTenant.set(tenant, new Map([[id, held]]))
    else own.set(id, held)
    this.#count(hash, 1)
  }

  /** `hash`: of the id, by `hashText`. */
  delete(tenant: string, id: string, hash: number): void {
    const own = this.#byTenant.get(tenant)
    if (own?.delete(id) !== true) return
    if (own.size === 0) this.#byTenant.delete(tenant)
    this.#count(hash, -1)
  }

  #count(hash: number, change: 1 | -1): void {
    const place = hash & COUNT_MASK
    this.#counts[place] = (this.#counts[place] ?? 0) + change
  }
}

/** 128 KB: of six thousand that are held, as at a hundred executions a second, one new id in six is looked for in vain. */
const COUNT_BITS = 15
const COUNT_MASK = 2 ** COUNT_BITS - 1
