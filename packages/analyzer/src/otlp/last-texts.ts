/** Longer texts are looked for among many. */
export const MAX_LAST_TEXT_BYTES = 64
const WORDS_PER_TEXT: number = MAX_LAST_TEXT_BYTES / 4

/**
 * Of each number of bytes the text that was read last: the spans of an execution say its id, and that of its flow, one after the
 * other. Texts come as words, their last eight bytes first, then those before; the last of them may begin before the text, where its
 * length and its key are.
 */
export class LastTexts {
  readonly #texts: (string | undefined)[] = new Array(MAX_LAST_TEXT_BYTES + 1).fill(undefined)
  readonly #words = new Int32Array((MAX_LAST_TEXT_BYTES + 1) * WORDS_PER_TEXT)

  /** The text of `byteCount` bytes whose words begin at `at`, if it is the one that was kept last. */
  find(words: Int32Array, at: number, byteCount: number): string | undefined {
    const known = this.#words
    const first = byteCount * WORDS_PER_TEXT
    const wordCount = wordCountOf(byteCount)
    for (let word = 0; word < wordCount; word++)
      if (known[first + word] !== words[at + word]) return undefined
    return this.#texts[byteCount]
  }

  keep(words: Int32Array, at: number, byteCount: number, text: string): void {
    const first = byteCount * WORDS_PER_TEXT
    const wordCount = wordCountOf(byteCount)
    // A word of the span; to copy few one by one is faster.
    for (let word = 0; word < wordCount; word++) this.#words[first + word] = words[at + word] ?? 0
    this.#texts[byteCount] = text
  }
}

/** Of a text of so many bytes. */
export function wordCountOf(byteCount: number): number {
  return ((byteCount + 7) >> 3) << 1
}
