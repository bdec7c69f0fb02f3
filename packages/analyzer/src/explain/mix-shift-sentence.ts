import type { ToldMixShift } from '../detect/regression-watch.ts'
import { percentWords, shortPlaceWords, timeWords } from './words.ts'

/**
 * `Since 22:13:20 UTC app.size = large is 68 % of the executions of order, 20 % before: the median is 78 % slower for that
 * alone, like executions are as they were.`
 */
export function mixShiftSentence(flowId: string, shift: ToldMixShift): string {
  const { key, value, shareBefore, shareAfter, effect, series, onsetUnixNs } = shift
  const inputs = key === 'variant' ? `the branch ${value}` : `${key} = ${value || 'none'}`
  const shares = `${percentWords(shareAfter)} of the executions of ${flowId}, ${percentWords(shareBefore)} before`
  const subject = series === undefined ? 'the median' : `the median of ${shortPlaceWords(series)}`
  const comparative = effect.value < 0 ? 'faster' : 'slower'
  const change = `${percentWords(Math.abs(effect.value))} ${comparative}`
  return `Since ${timeWords(onsetUnixNs)} ${inputs} is ${shares}: ${subject} is ${change} for that alone, like executions are as they were.`
}
