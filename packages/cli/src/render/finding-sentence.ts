import type { Bottleneck, Finding, Plain, Recommendation, Regression } from '@qflow-otel/analyzer'
import { count, duration, estimate } from '../text/quantity.ts'
import { placeName } from './place-name.ts'

/** The claim with its interval and n. */
export function findingSentence(finding: Plain<Finding>): string {
  if (finding.kind === 'bottleneck') return bottleneckSentence(finding)
  if (finding.kind === 'regression') return regressionSentence(finding)
  if (finding.kind === 'anomaly') return finding.sentence
  return `${finding.advice} (${gainSentence(finding)})`
}

/** What following the advice would bring. */
export function gainSentence({ predictedGain }: Plain<Recommendation>): string {
  return `gain ${estimate(predictedGain)}, n = ${count(predictedGain.n)}`
}

/** `+39.2 ms`, `−3.10 ms`. */
export function signedDuration(ms: number): string {
  return `${ms < 0 ? '−' : '+'}${duration(Math.abs(ms))}`
}

function bottleneckSentence(finding: Plain<Bottleneck>): string {
  const { place, speedup } = finding
  const condition =
    finding.class === 'serial-work'
      ? `the steps of ${placeName(place)} ran at once`
      : `${placeName(place)} took 0 ms`
  return `if ${condition} the flow would be ${estimate(speedup)} faster, n = ${count(speedup.n)}`
}

function regressionSentence(finding: Plain<Regression>): string {
  if (!isOfTime(finding)) return finding.sentence
  const { direction, effect, level } = finding
  const isWorse = direction === 'regression'
  const size = isWorse ? estimate(effect) : estimate(negated(effect))
  const levels = `median ${duration(level.before)}, now ${duration(level.after)}`
  return `${subjectOf(finding)} is ${size} ${isWorse ? 'slower' : 'faster'}, n = ${count(effect.n)}: ${levels}`
}

/**
 * What got slower or faster; of failures, traffic and resources the analyzer's own words are the shortest, and of a phase
 * that changed in all steps where one was watched they alone name both.
 */
function isOfTime({ metric, mainStepId }: Plain<Regression>): boolean {
  return metric === 'duration' || (metric === 'phase' && mainStepId === undefined)
}

function subjectOf({ metric, place }: Plain<Regression>): string {
  return metric === 'duration' ? 'the flow' : placeName(place)
}

function negated({ value, low, high, n }: Regression['effect']): Regression['effect'] {
  return { value: -value, low: -high, high: -low, n }
}
