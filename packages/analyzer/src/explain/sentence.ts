import type { PathPlace } from '../baseline/place.ts'
import type { Wait } from '../detect/bottleneck.ts'
import type { Change } from '../detect/change.ts'
import type { Contribution } from '../detect/finding.ts'
import { durationWords, percentWords, placeWords } from './words.ts'

/** `If resource wait of step charge took 0 ms, order would be 31 % ± 3 % faster (41 ms per execution, n = 100).` */
export function bottleneckSentence(flowId: string, wait: Wait): string {
  const { place, speedup, savedMs } = wait
  if (wait.state === 'resolved') {
    return `${capital(placeWords(place))} no longer holds ${flowId} up: ${percentWords(speedup.value)} of its time.`
  }
  const half = (speedup.high - speedup.low) / 2
  return (
    `If ${placeWords(place)} took 0 ms, ${flowId} would be ${percentWords(speedup.value)} ± ${percentWords(half)} ` +
    `faster (${durationWords(savedMs.value)} per execution, n = ${speedup.n}).`
  )
}

/** What changed, by how much, since when, and where most of it lies. */
export function regressionSentence(
  flowId: string,
  change: Change,
  main: Contribution | undefined,
): string {
  const { effect, onset } = change
  const subject =
    change.series === undefined ? flowId : `${seriesWords(change.series)} in ${flowId}`
  const medians = `median ${durationWords(effect.medianBefore)} to ${durationWords(effect.medianAfter)}`
  if (change.state === 'resolved') {
    return `${capital(subject)} is back: ${medians} compared with before execution ${onset.executionId}.`
  }
  const { value, low, high, n } = effect.ratio
  const interval = `95 % interval ${percentWords(low)} to ${percentWords(high)}, n = ${n}`
  return (
    `${capital(subject)} became ${percentWords(Math.abs(value))} ${value > 0 ? 'slower' : 'faster'} ` +
    `with execution ${onset.executionId} (${medians}; change ${interval})${mainWords(main)}.`
  )
}

function mainWords(main: Contribution | undefined): string {
  if (main === undefined) return ''
  const sign = main.changeMs > 0 ? '+' : '-'
  return `; most of it in ${placeWords(main)}: ${sign}${durationWords(Math.abs(main.changeMs))}`
}

function seriesWords(series: Pick<PathPlace, 'stepId' | 'phase'>): string {
  return placeWords({ ...series, spanName: undefined })
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
