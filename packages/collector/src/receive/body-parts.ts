/** Smaller chunks are copied: one of its own costs about 350 bytes of memory beside its content. */
const COPIED_BELOW_BYTES = 4 * 1024
const MAX_BLOCK_BYTES = 64 * 1024

/**
 * A body as it comes, in at most about twice its bytes of memory whatever the size of its chunks. A sender chooses
 * that size: a body in chunks of one byte, each kept, would take hundreds of times what it holds.
 *
 * Large chunks stay as they are. Small ones fill blocks, each at most as large as all before it:
 *
 *     chunks   | 3 | 2 | 1 |    9,000    | 4 |
 *     parts    [ 3 ][2 + 1 ][   9,000   ][ 4        ]
 */
export class BodyParts {
  #parts: Buffer[] = []
  #byteCount = 0
  /** What is left of the newest block, and how much of it is used since its last part. */
  #block = Buffer.alloc(0)
  #usedBytes = 0

  get byteCount(): number {
    return this.#byteCount
  }

  get partCount(): number {
    return this.#parts.length + (this.#usedBytes > 0 ? 1 : 0)
  }

  add(chunk: Buffer): void {
    if (chunk.length < COPIED_BELOW_BYTES) this.#copy(chunk)
    else {
      this.#seal()
      this.#parts.push(chunk)
    }
    this.#byteCount += chunk.length
  }

  /** All of it in order; nothing is held afterwards. */
  take(): Buffer {
    this.#seal()
    const body = Buffer.concat(this.#parts, this.#byteCount)
    this.clear()
    return body
  }

  clear(): void {
    this.#parts = []
    this.#byteCount = 0
    this.#block = Buffer.alloc(0)
    this.#usedBytes = 0
  }

  #copy(chunk: Buffer): void {
    if (this.#usedBytes + chunk.length > this.#block.length) {
      this.#seal()
      const blockBytes = Math.min(MAX_BLOCK_BYTES, this.#byteCount)
      // Not from the pool that small buffers share: a part would keep the whole of it.
      this.#block = Buffer.allocUnsafeSlow(Math.max(chunk.length, blockBytes))
    }
    chunk.copy(this.#block, this.#usedBytes)
    this.#usedBytes += chunk.length
  }

  /** Makes a part of what is used of the block; the rest goes on. */
  #seal(): void {
    if (this.#usedBytes === 0) return
    this.#parts.push(this.#block.subarray(0, this.#usedBytes))
    this.#block = this.#block.subarray(this.#usedBytes)
    this.#usedBytes = 0
  }
}
