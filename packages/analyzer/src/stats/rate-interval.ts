import type { Interval } from './mean-interval.ts'

const Z95 = 1.959964

/**
 * Events per trial, with a 95 % interval that is honest for few events and for none; absent without trials.
 *
 * `dispersion` is the variance of counts over their mean: 1 for events that know nothing of each other; more when they
 * come in clusters, of which as many fewer speak. Source: Garwood, "Fiducial Limits for the Poisson Distribution",
 * Biometrika 28 (1936), with the chi-square quantiles of Wilson and Hilferty (1931): within 1 % of exact, the lower end of
 * fewer than three events within 0.02 events.
 */
export function rateInterval(
  { count, trialCount }: { count: number; trialCount: number },
  dispersion = 1,
): Interval | undefined {
  if (trialCount < 1) return undefined
  const spread = Math.max(1, dispersion)
  const [clusters, trials] = [count / spread, trialCount / spread]
  return {
    value: count / trialCount,
    low: clusters > 0 ? chiSquareQuantile(2 * clusters, -Z95) / 2 / trials : 0,
    high: chiSquareQuantile(2 * clusters + 2, Z95) / 2 / trials,
    n: trialCount,
  }
}

/** Below which a chi-square variable lies as often as a normal one below `z`. */
function chiSquareQuantile(freedom: number, z: number): number {
  const part = 2 / (9 * freedom)
  return freedom * Math.max(0, 1 - part + z * Math.sqrt(part)) ** 3
}
