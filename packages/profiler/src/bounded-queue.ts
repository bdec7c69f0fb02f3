/** First in, first out, at most `capacity` entries. All operations O(1) except `take`, which is O(taken). */
export class BoundedQueue<T> {
  readonly #capacity: number
  #entries: T[] = []
  #head = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#entries.length - this.#head
  }

  /** False, and the entry is not kept, when the queue is full. */
  offer(entry: T): boolean {
    if (this.size >= this.#capacity) return false
    this.#entries.push(entry)
    return true
  }

  /** The oldest entries, at most `count`. */
  take(count: number): readonly T[] {
    const taken = this.#entries.slice(this.#head, this.#head + count)
    this.#head += taken.length
    // The taken part is given back once it is at least as long as what waits: O(1) per entry over time.
    if (this.#head >= this.#entries.length - this.#head) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
    return taken
  }
}
