/** Of what is in no queue. */
export const NO_PLACE = -1

/** So many places may be empty, and as many as are taken: then they are closed up. */
const MIN_EMPTY_COUNT = 1024

/**
 * A queue out of which anything may go, in the order in which it came. Who is in it keeps its place and goes by it: a set looks
 * for each by its hash, and is put in order again and again. O(1), amortised.
 */
export class PlacedQueue<T> {
  /** Empty where something went. */
  #items: (T | undefined)[] = []
  /** Places count on from the first that there was: this is that of the first item. */
  #firstPlace = 0
  /** All before it went. */
  #at = 0
  #count = 0
  readonly #moved: (item: T, place: number) => void

  /** `moved`: called for each that gets another place. */
  constructor(moved: (item: T, place: number) => void) {
    this.#moved = moved
  }

  get isEmpty(): boolean {
    return this.#count === 0
  }

  /** Returns its place. */
  push(item: T): number {
    if (this.#items.length >= 2 * this.#count + MIN_EMPTY_COUNT) this.#closeUp()
    this.#count++
    return this.#firstPlace + this.#items.push(item) - 1
  }

  /** What stands there goes. */
  delete(place: number): void {
    this.#items[place - this.#firstPlace] = undefined
    this.#count--
  }

  /** Another one takes the place. */
  replace(place: number, item: T): void {
    this.#items[place - this.#firstPlace] = item
  }

  /** The one that came first of those that are there. */
  first(): T | undefined {
    const items = this.#items
    while (this.#at < items.length && items[this.#at] === undefined) this.#at++
    return items[this.#at]
  }

  /** Those that are there, in order. */
  all(): T[] {
    return this.#items.filter((item) => item !== undefined)
  }

  #closeUp(): void {
    this.first()
    const isClosed = this.#count === this.#items.length - this.#at
    this.#firstPlace += this.#at
    // Mostly all went in order, and those that are left keep their places.
    this.#items = isClosed ? this.#items.slice(this.#at) : this.all()
    this.#at = 0
    if (!isClosed)
      for (const [index, item] of this.all().entries()) this.#moved(item, this.#firstPlace + index)
  }
}
