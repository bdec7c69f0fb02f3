/** Memory for the rows of executions that were laid one behind the other. */
export interface LaidBlock {
  readonly numbers: Float64Array
  /** The same memory, two words for each number. */
  readonly words: Int32Array
  /** Bytes of all blocks before it: between two blocks lie as many as these differ. */
  readonly bytesBefore: number
}

/** 16 KB: the rows of some thirty executions of ten spans. */
const BLOCK_LENGTH = 2048

/**
 * Rows of numbers in few long blocks: thousands of executions are held for a minute, and lists of their own would each be moved
 * and marked by the garbage collector several times. It takes a block back when nobody holds a row of it any more.
 */
export class LaidBlocks {
  #block = newBlock(BLOCK_LENGTH, 0)
  #at = 0

  /** Where the next row begins. */
  get at(): number {
    return this.#at
  }

  /** A block with room for a row of so many numbers, which is only kept when `keep` says so. */
  room(length: number): LaidBlock {
    const { numbers, bytesBefore } = this.#block
    if (this.#at + length <= numbers.length) return this.#block
    this.#at = 0
    const bytes = bytesBefore + numbers.byteLength
    this.#block = newBlock(Math.max(length, BLOCK_LENGTH), bytes)
    return this.#block
  }

  keep(length: number): void {
    this.#at += length
  }
}

/** A block for one row. */
export function ownBlock(row: Float64Array): LaidBlock {
  const block = newBlock(row.length, 0)
  block.numbers.set(row)
  return block
}

function newBlock(length: number, bytesBefore: number): LaidBlock {
  const numbers = new Float64Array(length)
  return { numbers, words: new Int32Array(numbers.buffer), bytesBefore }
}
