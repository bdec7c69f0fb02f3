/**
 * A set of keys that forgets the oldest: at least the newest `capacity` are known, and never more than twice as many.
 * In two generations, since a set from which a key goes for each that comes is put in order again and again.
 */
export class BoundedKeys {
  #younger = new Set<string>()
  #older: ReadonlySet<string> = new Set()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  add(key: string): void {
    this.#younger.add(key)
    if (this.#younger.size < this.#capacity) return
    this.#older = this.#younger
    this.#younger = new Set()
  }

  has(key: string): boolean {
    return this.#younger.has(key) || this.#older.has(key)
  }
}
