import type { Estimate } from '../detect/finding.ts'
import { percentWords, timeWords } from './words.ts'

/** By the robust line through the logarithms of durations; `n` are its points, each the mean of equally many executions. */
export interface DriftReport {
  /** Relative change of the duration from the first point to the last. */
  readonly change: Estimate
  readonly perHour: Estimate
  readonly fromUnixNs: bigint
  readonly toUnixNs: bigint
  /** One sentence for people. */
  readonly sentence: string
}

/** `checkout slowly becomes slower: 14 % since 08:00:00 UTC (95 % interval 9 % to 19 %), 1.2 % an hour.` */
export function driftSentence(
  flowId: string,
  { change, perHour, fromUnixNs }: Omit<DriftReport, 'sentence'>,
): string {
  const isSlower = change.value > 0
  const size = (ratio: number) => percentWords(isSlower ? ratio : -ratio)
  const [low, high] = isSlower ? [change.low, change.high] : [change.high, change.low]
  return (
    `${flowId} slowly becomes ${isSlower ? 'slower' : 'faster'}: ${size(change.value)} since ` +
    `${timeWords(fromUnixNs)} (95 % interval ${size(low)} to ${size(high)}), ${size(perHour.value)} an hour.`
  )
}
