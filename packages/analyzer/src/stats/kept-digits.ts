/**
 * Rounds to seven decimals: far finer than any estimate of a detector, and a saved state is half as long.
 *
 * State is rounded where it is written, so that a restored detector goes on exactly as the one that was saved.
 */
export function keptDigits(value: number): number {
  return Math.round(value * 1e7) / 1e7
}
