import { isOverall, type PathPlace } from '../baseline/place.ts'
import type { Wait } from '../detect/bottleneck/bottleneck.ts'
import type { Cause } from '../detect/cause.ts'
import type { Change } from '../detect/change/change.ts'
import type { Contribution } from '../detect/finding.ts'
import { mainContribution, sumOf } from './contributions.ts'
import { contributionOf } from './main-place.ts'
import {
  bytesWords,
  durationWords,
  percentWords,
  placeWords,
  shortPlaceWords,
  timeWords,
} from './words.ts'

/** `If resource wait of step charge took 0 ms, order would be 31 % ± 3 % faster (41 ms per execution, n = 100).` */
export function bottleneckSentence(flowId: string, wait: Wait): string {
  const { place, speedup, savedMs } = wait
  const isSerialWork = wait.class === 'serial-work'
  const steps = `the steps of ${place.stepId}`
  if (wait.state === 'resolved') {
    const what = isSerialWork ? `running ${steps} in series` : placeWords(place)
    return `${capital(what)} no longer holds ${flowId} up: ${percentWords(speedup.value)} of its time.`
  }
  const condition = isSerialWork ? `${steps} ran at once` : `${placeWords(place)} took 0 ms`
  const half = (speedup.high - speedup.low) / 2
  return (
    `If ${condition}, ${flowId} would be ${percentWords(speedup.value)} ± ${percentWords(half)} ` +
    `faster (${durationWords(savedMs.value)} per execution, n = ${speedup.n}).`
  )
}

/**
 * What changed, by how much, since when, and where most of it lies. Levels are medians, which an outlier does not move;
 * parts are means, which alone sum to a whole; each is called what it is:
 * `checkout is 110 % slower (median 155 ms -> 325 ms, 95 % CI 91 % to 132 %, n = 11) since 00:38:26 UTC: mean +166 ms,
 * of which charge-card › POST payments.example +171 ms`
 */
export function regressionSentence(
  flowId: string,
  change: Change,
  {
    parts,
    causes,
    place,
  }: {
    readonly parts: readonly Contribution[]
    readonly causes: readonly Cause[]
    /** Where it lies. */
    readonly place?: PathPlace
  },
): string {
  const { effect, onset } = change
  const subject = subjectOf(flowId, change)
  const levelWords = change.series?.metric === 'memory' ? bytesWords : durationWords
  const [before, after] = [levelWords(effect.medianBefore), levelWords(effect.medianAfter)]
  const since = timeWords(onset.unixNs)
  if (change.state === 'resolved') {
    const was = ratioWords(change, change.openedRatio)
    return `${subject} is back at a median of ${after} (${before} before ${since}, then ${was})`
  }
  return (
    `${subject} is ${ratioWords(change, effect.ratio.value)} (median ${before} -> ${after}, ` +
    `95 % CI ${boundWords(change)}, n = ${effect.ratio.n}) since ${since}` +
    mainWords(parts, change.direction, place) +
    causeWords(causes)
  )
}

/** `CPU time of step charge of checkout`: what is slower or larger. */
function subjectOf(flowId: string, { series }: Change): string {
  if (series === undefined) return flowId
  const step = `step ${series.stepId} of ${flowId}`
  switch (series.metric) {
    case 'cpu':
      return `CPU time of ${step} alone`
    case 'memory':
      return `heap growth by ${step} alone`
    case 'queue_wait':
      return `wait for a turn of ${step}`
    default:
      return `${shortPlaceWords(series)} of ${flowId}`
  }
}

/** `110 % slower`; where nobody reads percents any more, `3,330 times as long`. */
function ratioWords(change: Change, ratio: number): string {
  if (ratio < MANY_TIMES_RATIO) return `${percentWords(Math.abs(ratio))} ${comparative(change)}`
  return `${timesWords(ratio)} times as ${change.series?.metric === 'memory' ? 'large' : 'long'}`
}

function boundWords(change: Change): string {
  const [low, high] = boundsOf(change)
  return change.effect.ratio.value < MANY_TIMES_RATIO
    ? `${percentWords(low)} to ${percentWords(high)}`
    : `${timesWords(low)} to ${timesWords(high)} times`
}

/** A wait that hardly was any before grows without end: ten times more is told as times. */
const MANY_TIMES_RATIO = 10

function timesWords(ratio: number): string {
  return Number((1 + ratio).toPrecision(3)).toLocaleString('en-US')
}

function comparative({ direction, series }: Change): string {
  const isTime = series === undefined || series.metric === 'phase'
  if (isTime) return direction === 'regression' ? 'slower' : 'faster'
  const isAmount = series.metric === 'memory'
  if (direction === 'regression') return isAmount ? 'larger' : 'longer'
  return isAmount ? 'smaller' : 'shorter'
}

/** As far in the direction of the change, so that `40 % faster` has 35 % to 45 % and no minus signs. */
function boundsOf({ direction, effect }: Change): readonly [number, number] {
  const { low, high } = effect.ratio
  return direction === 'regression' ? [low, high] : [-high, -low]
}

function mainWords(
  parts: readonly Contribution[],
  direction: Change['direction'],
  place: PathPlace | undefined,
): string {
  const isWhole = place !== undefined && isOverall(place)
  const main = isWhole ? contributionOf(parts, place) : mainContribution(parts, direction)
  if (main === undefined || main.changeMs === 0) return ''
  const whole = signedWords(sumOf(parts))
  return `: mean ${whole}, of which ${shortPlaceWords(main)} ${signedWords(main.changeMs)}`
}

/** `; cause: flow version 2 (adds fraud-check)`: a place was said already. */
export function causeWords([main]: readonly Cause[]): string {
  return main === undefined || main.kind === 'place' ? '' : `; cause: ${main.words}`
}

function signedWords(ms: number): string {
  return `${ms < 0 ? '-' : '+'}${durationWords(Math.abs(ms))}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
