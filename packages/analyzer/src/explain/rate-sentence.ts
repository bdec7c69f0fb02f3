import type { RateChange } from '../detect/rate/rate-change.ts'
import { durationWords, percentWords, timeWords } from './words.ts'

const MS_PER_HOUR = 3_600_000

/** Level of a rate per point on either side: a share that fails, or executions per hour. */
export function rateLevels({ before, after, bucketMs }: RateChange): {
  readonly before: number
  readonly after: number
} {
  const perPoint = bucketMs === undefined ? 1 : MS_PER_HOUR / bucketMs
  const levelOf = ({ sum, n }: RateChange['before']) => (perPoint * sum) / Math.max(1, n)
  return { before: levelOf(before), after: levelOf(after) }
}

/**
 * `12 % of the executions of checkout fail, 0.5 % before 00:38:26 UTC (95 % CI of the difference 8 % to 17 %, n = 100), most in
 * step charge-card`, `no execution of checkout has ended since 00:38:20 UTC, 240 an hour before`
 */
export function rateSentence(flowId: string, change: RateChange): string {
  return change.place.metric === 'throughput'
    ? trafficSentence(flowId, change)
    : errorSentence(flowId, change)
}

function errorSentence(flowId: string, change: RateChange): string {
  const { place, effect, failingStepId, onset } = change
  const { before, after } = rateLevels(change)
  const what =
    place.stepId === undefined
      ? `the executions of ${flowId}`
      : `the executions of step ${place.stepId} of ${flowId}`
  const since = timeWords(onset.unixNs)
  if (change.state === 'resolved')
    return `${percentWords(after)} of ${what} fail, as before ${since} (${percentWords(before)})`
  const interval = `${percentWords(effect.low)} to ${percentWords(effect.high)}`
  const isOfStep = failingStepId !== undefined && place.stepId === undefined
  return (
    `${percentWords(after)} of ${what} fail, ${percentWords(before)} before ${since} ` +
    `(95 % CI of the difference ${interval}, n = ${effect.n})` +
    (isOfStep && change.direction === 'regression' ? `, most in step ${failingStepId}` : '')
  )
}

function trafficSentence(flowId: string, change: RateChange): string {
  const { effect, onset, bucketMs = 0, state } = change
  const { before, after } = rateLevels(change)
  const since = timeWords(onset.unixNs)
  const [was, is] = [countWords(before), countWords(after)]
  if (state === 'resolved')
    return `${is} executions of ${flowId} end an hour, as before ${since} (${was})`
  if (after === 0)
    return `no execution of ${flowId} has ended since ${since}, ${was} an hour before`
  const interval = `${percentWords(effect.low)} to ${percentWords(effect.high)}`
  return (
    `${is} executions of ${flowId} end an hour, ${was} before ${since} ` +
    `(${percentWords(effect.value)}, 95 % CI ${interval}, n = ${effect.n} times ${durationWords(bucketMs)})`
  )
}

function countWords(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(2)))
}
