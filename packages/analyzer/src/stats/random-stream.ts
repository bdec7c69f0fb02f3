/** Numbers in [0, 1) from a seed, for simulations and tests: the analyzer itself leaves nothing to chance. */
export type RandomStream = () => number

/** Source: Mulberry32, public domain. */
export function randomStream(seed: number): RandomStream {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A standard normal number. Source: Box and Muller (1958). */
export function normal(random: RandomStream): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
