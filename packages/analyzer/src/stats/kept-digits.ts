/**
 * Rounds to seven decimals: far finer than any estimate of a detector, and a saved state is half as long.
 *
 * State is rounded where it is written, so that a restored detector goes on exactly as the one that was saved. Not by
 * `Math.round`: that branches on the fraction, which nothing can predict, a dozen times for every value of every series.
 */
export function keptDigits(value: number): number {
  return floor(value * PARTS + 0.5) / PARTS
}

const { floor } = Math
const PARTS = 1e7
