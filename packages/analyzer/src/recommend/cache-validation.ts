import { entriesBetween } from '../baseline/history.ts'
import { cacheUse } from '../detect/change/change.ts'
import { hitRatio } from '../explain/place-causes.ts'
import { type Advice, adviceFor, type Situation } from './advice.ts'
import { predictPhaseGain } from './gain.ts'

/** Above this share of hits more caching has little left to give. */
const WELL_CACHED_RATIO = 0.95

/** Validation takes the time and its cache was seen not to answer. The engine has one cache, for all steps. */
export function cacheValidation(situation: Situation): Advice | undefined {
  const { cause } = situation
  if (cause.class !== 'validation') return undefined
  const before = cause.evidence.figures['cacheHitRatioBefore']
  const after = cause.evidence.figures['cacheHitRatioAfter'] ?? hitRatioNow(situation)
  if (after === undefined || after >= WELL_CACHED_RATIO) return undefined
  return adviceFor(situation, {
    action: 'cache-validation',
    advice: adviceWords({ before, after }),
    place: { stepId: undefined, phase: 'validation', spanName: undefined },
    gain: predictPhaseGain(situation),
    assumptions: [
      'Equal inputs may share one verdict for the life of a cache entry.',
      cause.kind === 'regression'
        ? 'The cache answers as often as before the change.'
        : 'The gain is the upper bound: every lookup is a hit and a hit takes no time.',
    ],
    figures: {
      ...(before === undefined ? {} : { cacheHitRatioBefore: before }),
      cacheHitRatioAfter: after,
    },
  })
}

function adviceWords({ before, after }: { before: number | undefined; after: number }): string {
  const percent = (ratio: number) => `${Math.round(ratio * 100)} %`
  const advice = 'Let the validation cache answer for all steps: check its key, size and lifetime'
  if (before === undefined) return `${advice} (${percent(after)} of lookups are hits).`
  return `${advice} (hits went from ${percent(before)} to ${percent(after)} of lookups).`
}

function hitRatioNow({ cause, history, from }: Situation): number | undefined {
  return hitRatio(cacheUse(entriesBetween(history, from)), cause.place.stepId)
}
