/** First 64 bits of the fractions of the cube roots (round constants) and square roots (start) of primes. */
const ROUND_CONSTANTS = primes(64).map((prime) => fraction32(Math.cbrt(prime)))
const START = primes(8).map((prime) => fraction32(Math.sqrt(prime)))

/**
 * SHA-256 of a text's UTF-8 bytes as 64 hex digits; runs wherever JavaScript does.
 *
 * Source: FIPS 180-4, section 6.2.
 */
export function sha256(text: string): string {
  const words = padded(utf8Bytes(text))
  let state = START
  for (let block = 0; block < words.length; block += 16) {
    state = compress(state, words.slice(block, block + 16))
  }
  return state.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

function compress(state: readonly number[], block: readonly number[]): number[] {
  const schedule = expand(block)
  // Eight words always: START has eight and every round returns eight.
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let round = 0; round < 64; round += 1) {
    const choice = (e & f) ^ (~e & g)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const sumE = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const sumA = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const first = (h + sumE + choice + (ROUND_CONSTANTS[round] ?? 0) + (schedule[round] ?? 0)) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + sumA + majority) | 0
  }
  return [a, b, c, d, e, f, g, h].map((word, index) => (word + (state[index] ?? 0)) | 0)
}

function expand(block: readonly number[]): number[] {
  const schedule = [...block]
  for (let index = 16; index < 64; index += 1) {
    const early = schedule[index - 15] ?? 0
    const late = schedule[index - 2] ?? 0
    const small = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3)
    const large = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)
    schedule.push(((schedule[index - 16] ?? 0) + small + (schedule[index - 7] ?? 0) + large) | 0)
  }
  return schedule
}

function padded(bytes: readonly number[]): number[] {
  const wordCount = (((bytes.length + 8) >> 6) + 1) * 16
  const words = new Array<number>(wordCount).fill(0)
  for (const [index, byte] of [...bytes, 0x80].entries()) {
    words[index >> 2] = (words[index >> 2] ?? 0) | (byte << (24 - (index % 4) * 8))
  }
  words[wordCount - 2] = Math.floor(bytes.length / 2 ** 29)
  words[wordCount - 1] = (bytes.length << 3) | 0
  return words
}

/** A lone surrogate becomes U+FFFD, as in TextEncoder. */
function utf8Bytes(text: string): number[] {
  return [...text].flatMap((character) => {
    const point = character.codePointAt(0) ?? 0
    const code = point >= 0xd800 && point < 0xe000 ? 0xfffd : point
    if (code < 0x80) return [code]
    const tail = (shift: number) => 0x80 | ((code >> shift) & 0x3f)
    if (code < 0x800) return [0xc0 | (code >> 6), tail(0)]
    if (code < 0x10000) return [0xe0 | (code >> 12), tail(6), tail(0)]
    return [0xf0 | (code >> 18), tail(12), tail(6), tail(0)]
  })
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

function primes(count: number): number[] {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate)
  }
  return found
}

function fraction32(value: number): number {
  return ((value - Math.floor(value)) * 2 ** 32) | 0
}
