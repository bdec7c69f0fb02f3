import type { HistoryEntry } from '../baseline/history-entry.ts'
import { isOverall, isSamePlace, OTHER_PLACE } from '../baseline/place.ts'
import { classify } from '../detect/bottleneck/classify.ts'
import type { PlaceCause } from '../detect/cause.ts'
import type { CacheUse } from '../detect/change/change.ts'
import type { Contribution } from '../detect/finding.ts'
import { seriesReader } from '../detect/series/series-value.ts'
import { contributionOf, openedPlace } from './main-place.ts'
import { evidenceOf, type Shift, shareOf } from './shift.ts'
import { bytesWords, durationWords, percentWords, shortPlaceWords } from './words.ts'

/** What moved less than this part of the whole is no cause of it. */
const MIN_SHARE = 0.1

/**
 * The places that moved in the direction of the change, the largest first, before them their phase where it moved in
 * several steps alike; the step whose figure changed.
 */
export function placeCauses(shift: Shift, contributions: readonly Contribution[]): PlaceCause[] {
  if (!shift.isTime) return [stepCause(shift)]
  const place = openedPlace(shift.change, shift.history)?.place
  const isWhole = place !== undefined && isOverall(place)
  return [...(isWhole ? [contributionOf(contributions, place)] : []), ...contributions]
    .filter(({ stepId, changeMs }) => stepId !== OTHER_PLACE.stepId && changeMs * shift.sign > 0)
    .map((contribution) => placeCause(shift, contribution))
    .filter(({ share }) => share >= MIN_SHARE)
}

function placeCause(shift: Shift, place: Contribution): PlaceCause {
  const { stepId, phase, spanName, changeMs } = place
  const placeClass = classify(place, shift.after)
  const isCached = placeClass === 'validation'
  const cache = (use: CacheUse) => (isCached ? hitRatio(use, stepId) : undefined)
  const cacheHitRatioBefore = cache(shift.change.cacheBefore)
  const cacheHitRatioAfter = cache(shift.change.cacheAfter)
  const hits = cacheWords(cacheHitRatioBefore, cacheHitRatioAfter)
  return {
    kind: 'place',
    stepId,
    phase,
    spanName,
    class: placeClass,
    cacheHitRatioBefore,
    cacheHitRatioAfter,
    change: changeMs,
    share: shareOf(shift, changeMs),
    words: `${shortPlaceWords(place)} ${signed(changeMs, durationWords)}${hits}`,
    ...evidenceOf(shift, executionsHere(shift, place)),
  }
}

/** A step's CPU time, memory or wait for its turn, which the path does not split. */
function stepCause(shift: Shift): PlaceCause {
  const { series } = shift.change
  const isMemory = series?.metric === 'memory'
  const isQueue = series?.metric === 'queue_wait'
  const place = {
    stepId: series?.stepId,
    phase: isQueue ? ('queue' as const) : undefined,
    spanName: undefined,
  }
  return {
    kind: 'place',
    ...place,
    class: isMemory ? 'memory' : isQueue ? 'queue' : 'cpu',
    cacheHitRatioBefore: undefined,
    cacheHitRatioAfter: undefined,
    change: shift.whole,
    share: 1,
    words: `${shortPlaceWords(place)} ${signed(shift.whole, isMemory ? bytesWords : durationWords)}`,
    ...evidenceOf(shift, shift.after),
  }
}

/** Executions in which the place took part at all, where there are any. */
function executionsHere({ history, after }: Shift, place: Contribution): readonly HistoryEntry[] {
  const isHere = history.places.some((one) => isSamePlace(one, place))
  const read = seriesReader(history, { ...place, metric: 'phase' })
  const taken = after.filter((entry) => read(entry) > 0)
  return isHere && taken.length > 0 ? taken : after
}

/** Share of a step's lookups that the validation cache answered, or of those of all steps, where it was measured. */
export function hitRatio(use: CacheUse, stepId: string | undefined): number | undefined {
  const own = use.filter((one) => stepId === undefined || one.stepId === stepId)
  const hits = own.reduce((sum, one) => sum + one.hits, 0)
  const lookups = own.reduce((sum, one) => sum + one.hits + one.misses, 0)
  return lookups === 0 ? undefined : hits / lookups
}

function cacheWords(before: number | undefined, after: number | undefined): string {
  if (before === undefined || after === undefined) return ''
  return `, cache hits ${percentWords(before)} -> ${percentWords(after)}`
}

function signed(change: number, words: (size: number) => string): string {
  return `${change < 0 ? '-' : '+'}${words(Math.abs(change))}`
}
