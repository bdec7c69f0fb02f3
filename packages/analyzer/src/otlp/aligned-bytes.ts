/**
 * Bytes of which some count, to be compared with those at a place in a body, word by word. Words of typed arrays are read
 * thrice as fast as those of a view. Most words count whole: they stand in runs, and four at a time are compared without a
 * mask and with one branch, which takes half as long as one by one.
 */
export class AlignedBytes {
  readonly #words: Int32Array
  /** From and to: words of which every bit counts. */
  readonly #runs: Int32Array
  /** Others of which some bits count: where, and which bits. */
  readonly #parts: Int32Array
  readonly #masks: Int32Array

  /** The bytes begin `shift` bytes behind a whole word. `counting`: which bits of each count. */
  constructor(bytes: Uint8Array, counting: Uint8Array, shift: number) {
    const masks = wordsOf(counting, shift)
    const runs: number[] = []
    const parts: number[] = []
    for (const [index, mask] of masks.entries()) {
      if (mask !== ALL_BITS) {
        if (mask !== 0) parts.push(index)
      } else if (runs.at(-1) === index) runs[runs.length - 1] = index + 1
      else runs.push(index, index + 1)
    }
    this.#words = wordsOf(bytes, shift).map((word, index) => word & (masks[index] ?? 0))
    this.#runs = Int32Array.from(runs)
    this.#parts = Int32Array.from(parts)
    this.#masks = Int32Array.from(parts, (index) => masks[index] ?? 0)
  }

  get length(): number {
    return this.#words.length
  }

  /** Whether they are those from the word `first` on, all of which `inBody` has. */
  areAt(inBody: Int32Array, first: number): boolean {
    const words = this.#words
    const parts = this.#parts
    const masks = this.#masks
    const runs = this.#runs
    // Indices below the lengths, here and below.
    for (let at = 0; at < parts.length; at++) {
      const index = parts[at] as number
      const bits = (inBody[first + index] as number) & (masks[at] as number)
      if (bits !== words[index]) return false
    }
    for (let at = 0; at < runs.length; at += 2) {
      const end = runs[at + 1] as number
      let index = runs[at] as number
      for (; index + 4 <= end; index += 4) {
        const own = first + index
        const others =
          ((inBody[own] as number) ^ (words[index] as number)) |
          ((inBody[own + 1] as number) ^ (words[index + 1] as number)) |
          ((inBody[own + 2] as number) ^ (words[index + 2] as number)) |
          ((inBody[own + 3] as number) ^ (words[index + 3] as number))
        if (others !== 0) return false
      }
      for (; index < end; index++) if (inBody[first + index] !== words[index]) return false
    }
    return true
  }
}

const ALL_BITS = -1

/** Around the bytes is nothing but zeros. */
function wordsOf(bytes: Uint8Array, shift: number): Int32Array {
  const words = new Int32Array((shift + bytes.length + 3) >> 2)
  new Uint8Array(words.buffer).set(bytes, shift)
  return words
}
