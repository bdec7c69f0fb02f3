import { AttributeShape } from './attribute-list.ts'
import { KNOWN_KEYS } from './known-attributes.ts'
import type { BodyBytes } from './wire.ts'

/**
 * Keys that are remembered, each behind those before it, and their UTF-16 units together. Programs have some dozen kinds
 * of spans with some dozen attributes each. A stream that passes a bound (keys made of ids, hostile ones) makes the memory
 * forget everything and learn anew, so that it cannot be filled up for good.
 */
export const MAX_NODE_COUNT = 4096
const MAX_TEXT_LENGTH = 256 * 1024

/** ASCII keys of these lengths are recognised by their bytes; the lengths of others are not one byte, or too short for a word. */
const MIN_RECOGNISED_LENGTH = 4
const MAX_RECOGNISED_LENGTH = 100

/**
 * Keys that follow each other: a node is a key behind certain others, and its children are the keys that were seen next. The
 * keys of a span are a way from the root, and no key comes twice on it.
 */
export class ShapeNode {
  readonly key: string
  /** Bytes of a key that can be recognised by them, 0 for any other. */
  readonly byteCount: number
  /** The child taken last, which most likely comes next. */
  next: ShapeNode | undefined
  readonly #words: Uint32Array
  readonly #lastWord: number
  readonly #parent: ShapeNode | undefined
  readonly #children = new Map<string, ShapeNode>()
  #shape: AttributeShape | undefined

  /** Without a parent: the root, which has no key. */
  constructor(key: string, parent?: ShapeNode) {
    this.key = key
    this.#parent = parent
    const bytes = recognisableBytes(key)
    this.byteCount = bytes.length
    const view = new DataView(bytes.buffer)
    this.#words = Uint32Array.from({ length: bytes.length >> 2 }, (_, at) =>
      view.getUint32(4 * at, true),
    )
    this.#lastWord = bytes.length === 0 ? 0 : view.getUint32(bytes.length - 4, true)
  }

  /** All keys up to this one as a shape, one object for all spans. */
  get shape(): AttributeShape {
    this.#shape ??= new AttributeShape(this.#keys(), KNOWN_KEYS)
    return this.#shape
  }

  /** Whether the key's bytes stand at `start`, by words of which the last overlaps the one before. */
  isAt({ view }: BodyBytes, start: number): boolean {
    const words = this.#words
    for (let word = 0; word < words.length; word++)
      if (view.getUint32(start + 4 * word, true) !== words[word]) return false
    return view.getUint32(start + this.byteCount - 4, true) === this.#lastWord
  }

  /** The node of a key that was seen behind this one. */
  child(key: string): ShapeNode | undefined {
    if (this.next !== undefined && this.next.key === key) return this.next
    const child = this.#children.get(key)
    if (child !== undefined) this.next = child
    return child
  }

  addChild(key: string): ShapeNode {
    const child = new ShapeNode(key, this)
    this.#children.set(key, child)
    this.next = child
    return child
  }

  #keys(): readonly string[] {
    const keys: string[] = []
    for (let node: ShapeNode = this; node.#parent !== undefined; node = node.#parent)
      keys.push(node.key)
    return keys.reverse()
  }
}

/** The shapes of the attributes of a stream of spans. */
export class ShapeMemory {
  root: ShapeNode = new ShapeNode('')
  #nodeCount = 0
  #textLength = 0

  /** The node of these keys, none of which comes twice. */
  learn(keys: readonly string[]): ShapeNode {
    let node = this.root
    for (const key of keys) node = node.child(key) ?? this.#grow(node, key)
    return node
  }

  #grow(node: ShapeNode, key: string): ShapeNode {
    if (this.#nodeCount >= MAX_NODE_COUNT || this.#textLength > MAX_TEXT_LENGTH) {
      // The way that is being learned is left to its span alone.
      this.root = new ShapeNode('')
      this.#nodeCount = 0
      this.#textLength = 0
    }
    this.#nodeCount++
    this.#textLength += key.length
    return node.addChild(key)
  }
}

/** As many bytes as UTF-16 units mean ASCII, of which no two texts share the bytes. */
function recognisableBytes(key: string): Uint8Array<ArrayBuffer> {
  const isFit = key.length >= MIN_RECOGNISED_LENGTH && key.length <= MAX_RECOGNISED_LENGTH
  const bytes = isFit ? new TextEncoder().encode(key) : new Uint8Array()
  return bytes.length === key.length ? bytes : new Uint8Array()
}
