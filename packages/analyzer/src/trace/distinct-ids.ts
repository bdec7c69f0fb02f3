import { hashText } from '../stats/hash-uniform.ts'

/**
 * Tells whether an id comes a second time, among a few hundred, again and again: nothing is made for each id or each time. A
 * set would make a table each time it is emptied.
 */
export class DistinctIds {
  readonly #ids: string[] = []
  /** Open addressing: the number of an id behind all those of earlier times; what is not beyond `#before` is empty. */
  readonly #slots: Int32Array
  readonly #maxCount: number
  readonly #mask: number
  #before = 0
  #count = 0

  constructor(maxCount: number) {
    const size = 2 ** Math.ceil(Math.log2(2 * maxCount))
    this.#slots = new Int32Array(size)
    this.#maxCount = maxCount
    this.#mask = size - 1
  }

  /** Forgets all. */
  clear(): void {
    this.#before += this.#count
    this.#count = 0
    if (this.#before <= MAX_NUMBER) return
    this.#slots.fill(0)
    this.#before = 0
  }

  /** False for one that was added before, and where there is no room. */
  add(id: string): boolean {
    if (this.#count >= this.#maxCount) return false
    let slot = hashText(id) & this.#mask
    for (; ; slot = (slot + 1) & this.#mask) {
      const number = (this.#slots[slot] ?? 0) - this.#before
      if (number <= 0) break
      if (this.#ids[number - 1] === id) return false
    }
    this.#ids[this.#count++] = id
    this.#slots[slot] = this.#before + this.#count
    return true
  }
}

/** Far below what a place of the table holds. */
const MAX_NUMBER = 2 ** 30
