import type { Resource } from './span-record.ts'

/** Longer ones are read each time. */
const MAX_BYTE_COUNT = 2048
/** Processes that send to one collector take turns. */
const MAX_COUNT = 16

interface KnownResource {
  readonly bytes: Uint8Array
  readonly resource: Resource
}

/**
 * Resources that were read before. The same bytes give the same object again, so that whoever has seen it knows what it says,
 * and many executions hold it once.
 */
export class ResourceMemory {
  /** The one used last first. */
  readonly #known: KnownResource[] = []

  /** The resource whose message has these bytes. */
  find(bytes: Uint8Array, start: number, end: number): Resource | undefined {
    for (let at = 0; at < this.#known.length; at++) {
      // A place below the length.
      const one = this.#known[at] as KnownResource
      if (!isSame(one.bytes, bytes, start, end)) continue
      if (at > 0) this.#known.unshift(...this.#known.splice(at, 1))
      return one.resource
    }
    return undefined
  }

  add(bytes: Uint8Array, start: number, end: number, resource: Resource): void {
    if (end - start > MAX_BYTE_COUNT) return
    if (this.#known.length === MAX_COUNT) this.#known.pop()
    // A copy: nothing here keeps a body alive.
    this.#known.unshift({ bytes: bytes.slice(start, end), resource })
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false
  for (let index = 0; index < known.length; index++)
    if (known[index] !== bytes[start + index]) return false
  return true
}
