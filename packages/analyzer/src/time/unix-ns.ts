/**
 * Every conversion between units and kinds of time. `UnixNs` is a point on the wall clock (bigint), bare `Ns` and
 * `Ms` are lengths or offsets (number).
 */

const NS_PER_MS = 1e6
const NS_PER_S = 1e9

/** Longest offset that a number holds exactly: 2^53 - 1 ns, 104 days. */
export const MAX_OFFSET_NS: number = Number.MAX_SAFE_INTEGER

/** Exact for whole ms; fractions are rounded to ns. */
export function unixNsFromMs(unixMs: number): bigint {
  const wholeMs = Math.floor(unixMs)
  return BigInt(wholeMs) * 1_000_000n + BigInt(Math.round((unixMs - wholeMs) * NS_PER_MS))
}

/** Whole µs, as Jaeger writes points in time. */
export function unixNsFromUs(unixUs: number): bigint {
  return BigInt(Math.round(unixUs)) * 1000n
}

/** Loses what lies below a quarter of a µs: a double holds today's ms to that precision. */
export function unixMsFromNs(unixNs: bigint): number {
  if (unixNs < 0n || unixNs > MAX_UINT64)
    return Number(unixNs / 1_000_000n) + Number(unixNs % 1_000_000n) / NS_PER_MS
  // Each execution asks several times, and divisions of bigints take several times as long as all of this:
  // 2^32 ns are 4,294 ms and 967,296 ns, and what the upper half has of these is exact, together with the lower half.
  halves.setBigUint64(0, unixNs)
  const upper = halves.getUint32(0)
  const restNs = upper * 967_296 + halves.getUint32(4)
  const restMs = Math.floor(restNs / NS_PER_MS)
  return upper * 4_294 + restMs + (restNs - restMs * NS_PER_MS) / NS_PER_MS
}

const MAX_UINT64 = 2n ** 64n - 1n
/** Of the number at hand. */
const halves = new DataView(new ArrayBuffer(8))

/** `unixNs - anchorUnixNs`; exact up to `MAX_OFFSET_NS` either way, clipped to it beyond. */
export function offsetNs(unixNs: bigint, anchorUnixNs: bigint): number {
  const offset = Number(unixNs - anchorUnixNs)
  return Math.max(-MAX_OFFSET_NS, Math.min(MAX_OFFSET_NS, offset))
}

/**
 * Offsets of one point in time after another from the halves of both: a difference of two bigint is a third, which costs ten
 * times as much. For points less than 2^64 ns from each other; exact up to `MAX_OFFSET_NS` either way, beyond it not within it.
 */
export class UnixNsOffsets {
  readonly #halves = new DataView(new ArrayBuffer(8))
  #anchorHigh = 0
  #anchorLow = 0

  /** Offsets are after this one from here on. */
  setAnchor(anchorUnixNs: bigint): void {
    this.#halves.setBigUint64(0, anchorUnixNs)
    this.#anchorHigh = this.#halves.getUint32(0)
    this.#anchorLow = this.#halves.getUint32(4)
  }

  offsetNs(unixNs: bigint): number {
    this.#halves.setBigUint64(0, unixNs)
    const highNs = (this.#halves.getUint32(0) - this.#anchorHigh) * 2 ** 32
    return highNs + (this.#halves.getUint32(4) - this.#anchorLow)
  }
}

export function unixNsAt(anchorUnixNs: bigint, offset: number): bigint {
  return anchorUnixNs + BigInt(Math.round(offset))
}

/** Rounds to the nearest ns: exact for attributes that were integral ns before they became seconds. */
export function nsFromSeconds(seconds: number): number {
  return Math.round(seconds * NS_PER_S)
}

export function secondsFromNs(ns: number): number {
  return ns / NS_PER_S
}

export function msFromNs(ns: number): number {
  return ns / NS_PER_MS
}

/** Rounded to whole ns. */
export function nsFromMs(ms: number): number {
  return Math.round(ms * NS_PER_MS)
}

/** A length to compare with the difference of two points in time. */
export function durationUnixNs(ms: number): bigint {
  return BigInt(nsFromMs(ms))
}

export const earlierOf = (a: bigint, b: bigint): bigint => (a < b ? a : b)

export const laterOf = (a: bigint, b: bigint): bigint => (a > b ? a : b)
