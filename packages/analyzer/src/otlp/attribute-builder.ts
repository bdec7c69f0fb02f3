import { AttributeList, AttributeShape } from './attribute-list.ts'
import { KNOWN_KEYS } from './known-attributes.ts'
import { MAX_ATTRIBUTE_COUNT } from './limits.ts'
import type { ShapeMemory, ShapeNode } from './shape-memory.ts'
import type { Attributes, AttributeValue } from './span-record.ts'

export const NO_ATTRIBUTES: Attributes = new AttributeList(new AttributeShape([], KNOWN_KEYS), [])

/** Never filled. */
const NO_MEMBERS = new Map<string, AttributeValue>()

/**
 * Collects the attributes of one span or resource after the other. While their keys come as in an earlier one there is
 * nothing to do but to line up the values. From a key on that was not seen at its place, or comes a second time, they go
 * into a map, whose keys are then known to those that follow.
 */
export class AttributeBuilder {
  /** The key read last, while all of them were known. */
  node: ShapeNode | undefined
  readonly #shapes: ShapeMemory
  /** Of known keys, with room that is used again. */
  #values: AttributeValue[] = []
  #count = 0
  /** All attributes, once a key was not known. */
  #map: Map<string, AttributeValue> = NO_MEMBERS

  constructor(shapes: ShapeMemory) {
    this.#shapes = shapes
    this.node = shapes.root
  }

  /** Whether no more attributes are read. */
  get isFull(): boolean {
    return (this.node === undefined ? this.#map.size : this.#count) >= MAX_ATTRIBUTE_COUNT
  }

  /** Of two with one key the later counts, at the place of the earlier. */
  set(key: string, value: AttributeValue): void {
    const child = this.node?.child(key)
    if (child !== undefined) {
      this.setKnown(child, value)
      return
    }
    if (this.node !== undefined) this.#turnIntoMap(this.node)
    this.#map.set(key, value)
  }

  /** Adds the attribute whose key is a child of `node`. */
  setKnown(child: ShapeNode, value: AttributeValue): void {
    this.node = child
    this.#values[this.#count++] = value
  }

  /** The attributes added since the last call; then begins anew. */
  finish(): Attributes {
    const attributes = this.#collected()
    this.node = this.#shapes.root
    this.#count = 0
    return attributes
  }

  /** Forgets what was added, and holds nothing of it. */
  clear(): void {
    this.node = this.#shapes.root
    this.#values = []
    this.#count = 0
    this.#map = NO_MEMBERS
  }

  #turnIntoMap({ shape }: ShapeNode): void {
    this.#map = new Map()
    for (let place = 0; place < this.#count; place++)
      // As many values as the shape has keys, none of them `undefined`.
      this.#map.set(shape.keys[place] as string, this.#values[place] as AttributeValue)
    this.node = undefined
    this.#count = 0
  }

  #collected(): Attributes {
    const known = this.node
    if (known === undefined) {
      const { shape } = this.#shapes.learn([...this.#map.keys()])
      return new AttributeList(shape, [...this.#map.values()])
    }
    if (this.#count === 0) return NO_ATTRIBUTES
    return new AttributeList(known.shape, this.#values.slice(0, this.#count))
  }
}
