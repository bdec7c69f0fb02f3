import { hashText } from '../stats/hash-uniform.ts'
import type { AttributeValue } from './span-record.ts'

/**
 * The keys of attributes in their order. Spans of one kind have equal keys, so that many lists share one shape and each
 * holds nothing but its values.
 */
export class AttributeShape {
  readonly keys: readonly string[]
  readonly #knownKeys: readonly string[]
  /** All are made when somebody asks: a shape that one span alone has is mostly not looked into. */
  #known: Int16Array | undefined
  #hash: number | undefined
  #places: ReadonlyMap<string, number> | undefined

  /** `keys` without repetitions. */
  constructor(keys: readonly string[], knownKeys: readonly string[]) {
    this.keys = keys
    this.#knownKeys = knownKeys
  }

  /** Place of each known key among `keys`, -1 where it is absent. */
  get known(): Int16Array {
    this.#known ??= this.#knownPlaces()
    return this.#known
  }

  /** Apart, since a function with one inside is given room for it at every call. */
  #knownPlaces(): Int16Array {
    return Int16Array.from(this.#knownKeys, (key) => this.place(key) ?? -1)
  }

  /** Of the keys in their order. */
  get hash(): number {
    this.#hash ??= hashText(this.keys.join())
    return this.#hash
  }

  place(key: string): number | undefined {
    this.#places ??= new Map(this.keys.map((each, place) => [each, place]))
    return this.#places.get(key)
  }
}

/** Attributes as a reader makes them: a shape shared with other spans, and the values in its order. Reads like a map. */
export class AttributeList implements ReadonlyMap<string, AttributeValue> {
  readonly shape: AttributeShape
  readonly #values: readonly AttributeValue[]

  /** As many values as the shape has keys. */
  constructor(shape: AttributeShape, values: readonly AttributeValue[]) {
    this.shape = shape
    this.#values = values
  }

  get size(): number {
    return this.shape.keys.length
  }

  /** By place in the shape's keys. */
  at(place: number): AttributeValue | undefined {
    return this.#values[place]
  }

  /** By place in the known keys with which the shape was made. */
  known(place: number): AttributeValue | undefined {
    const at = this.shape.known[place] ?? -1
    return at < 0 ? undefined : this.at(at)
  }

  get(key: string): AttributeValue | undefined {
    const place = this.shape.place(key)
    return place === undefined ? undefined : this.at(place)
  }

  has(key: string): boolean {
    return this.shape.place(key) !== undefined
  }

  /** Appends its values in the order of the shape: each number to `numbers`, with `undefined` where it stood. */
  appendTo(values: (AttributeValue | undefined)[], numbers: number[]): void {
    for (let place = 0; place < this.size; place++) {
      const value = this.at(place)
      if (typeof value === 'number') {
        values.push(undefined)
        numbers.push(value)
      } else values.push(value)
    }
  }

  /** Sum of a figure over all values. */
  sumOver(figure: (value: AttributeValue) => number): number {
    let sum = 0
    for (let place = 0; place < this.size; place++) sum += figure(this.#present(place))
    return sum
  }

  forEach(
    visit: (value: AttributeValue, key: string, map: ReadonlyMap<string, AttributeValue>) => void,
    self?: unknown,
  ): void {
    const { keys } = this.shape
    for (let place = 0; place < keys.length; place++)
      // A place below the length.
      visit.call(self, this.#present(place), keys[place] as string, this)
  }

  keys(): MapIterator<string> {
    return this.shape.keys.values()
  }

  *values(): MapIterator<AttributeValue> {
    for (let place = 0; place < this.size; place++) yield this.#present(place)
  }

  *entries(): MapIterator<[string, AttributeValue]> {
    for (const [place, key] of this.shape.keys.entries()) yield [key, this.#present(place)]
  }

  [Symbol.iterator](): MapIterator<[string, AttributeValue]> {
    return this.entries()
  }

  /** As many values as keys, none of them `undefined`. */
  #present(place: number): AttributeValue {
    return this.at(place) as AttributeValue
  }
}
