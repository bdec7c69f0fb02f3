import type { History } from '../baseline/history.ts'
import { type HistoryEntry, partMs, visitSavings } from '../baseline/history-entry.ts'
import { isOverall, isSamePlace, type PathPlace } from '../baseline/place.ts'
import { presentEntries } from '../detect/bottleneck/present-savings.ts'
import type { Contribution, Estimate, Regression } from '../detect/finding.ts'
import { ratioInterval } from '../stats/mean-interval.ts'
import type { Situation } from './advice.ts'

/** What advice would take away: time on the path, and all of it as the executions were re-simulated without it. */
interface Reach {
  /** The places of its time on the path. */
  readonly parts: readonly number[]
  /** Those that were re-simulated; of several one holds the others. */
  readonly asked: readonly number[]
  /** What it gained by the change. */
  readonly gainedMs: number
}

/**
 * Share of the flow's duration that is saved when the cause is gone; absent when that is not above 0.
 *
 * A bottleneck: its virtual speed-up. A regression: in each execution since its onset the re-simulated saving at its
 * place, at most that part of the place's time which it gained: its level before comes back, not more.
 */
export function predictGain(situation: Situation): Estimate | undefined {
  const { cause, history } = situation
  if (cause.kind === 'bottleneck') return positive(cause.speedup)
  const isOfCause = isOverall(cause.place)
    ? inPhase(cause.place.phase)
    : (place: PathPlace) => isSamePlace(place, cause.place)
  return gainOf(situation, cause, reachOf(history, cause.contributions, isOfCause))
}

/** As `predictGain`, of advice that changes the phase in all steps at once, in whichever of them the cause was found. */
export function predictPhaseGain(situation: Situation): Estimate | undefined {
  const { cause, history } = situation
  if (isOverall(cause.place)) return predictGain(situation)
  const contributions = cause.kind === 'regression' ? cause.contributions : []
  const reach = reachOf(history, contributions, inPhase(cause.place.phase))
  if (cause.kind === 'regression') return gainOf(situation, cause, reach)
  return savedShare(presentEntries(history, situation.from), (entry) => savingMs(entry, reach))
}

function inPhase(phase: PathPlace['phase']): (place: PathPlace) => boolean {
  return (place) => place.phase === phase
}

function reachOf(
  { places }: History,
  contributions: readonly Contribution[],
  isReached: (place: PathPlace) => boolean,
): Reach {
  // Indices below the length.
  const asked = [...places.keys()].filter((index) => isReached(places[index] as PathPlace))
  const gained = contributions.filter((one) => isReached(one))
  return {
    // Time on the path is never that of all steps together.
    parts: asked.filter((index) => !isOverall(places[index] as PathPlace)),
    asked,
    gainedMs: gained.reduce((sum, { changeMs }) => sum + changeMs, 0),
  }
}

function gainOf(situation: Situation, cause: Regression, reach: Reach): Estimate | undefined {
  const { history, from } = situation
  const onset = history.entries.find(({ executionId }) => executionId === cause.onsetExecutionId)
  const entries = presentEntries(history, Math.max(from, onset?.sequence ?? from))
  const partIn = (entry: HistoryEntry) =>
    reach.parts.reduce((sum, index) => sum + partMs(entry, index), 0)
  const wholeMs = entries.reduce((sum, entry) => sum + partIn(entry), 0)
  if (reach.gainedMs <= 0 || wholeMs <= 0) return undefined
  const gainedRatio = Math.min(1, (reach.gainedMs * entries.length) / wholeMs)
  return savedShare(entries, (entry) =>
    Math.min(gainedRatio * partIn(entry), savingMs(entry, reach)),
  )
}

/** What the entry would have saved without any of it; 0 when it was too small to be re-simulated. */
function savingMs(entry: HistoryEntry, { asked }: Reach): number {
  let savedMs = 0
  visitSavings(entry, (index, ms) => {
    if (asked.includes(index)) savedMs = Math.max(savedMs, ms)
  })
  return savedMs
}

/** Saved share of the duration, with its interval. */
function savedShare(
  entries: readonly HistoryEntry[],
  savedMs: (entry: HistoryEntry) => number,
): Estimate | undefined {
  return positive(
    ratioInterval(entries.map((entry) => ({ part: savedMs(entry), whole: entry.durationMs }))),
  )
}

function positive(estimate: Estimate | undefined): Estimate | undefined {
  return estimate !== undefined && estimate.value > 0 ? estimate : undefined
}
