import type { History } from '../../baseline/history.ts'
import type { HistoryEntry } from '../../baseline/history-entry.ts'
import { isSamePhase, isSerial, type PathPlace } from '../../baseline/place.ts'
import type { Interval } from '../../stats/mean-interval.ts'
import type { FindingClass, Severity } from '../finding.ts'
import { findingId } from '../finding-id.ts'
import { classify } from './classify.ts'
import { type PlaceSaving, placeSavings } from './place-savings.ts'
import type { PresentSavings } from './present-savings.ts'
import { hasOutgrown, lostMsPerHour, severityOf } from './severity.ts'

/** A place without which the flow would be much faster. Plain data. */
export interface Wait {
  readonly id: string
  /** The phase; with a span name when one kind of span makes up most of it. */
  readonly place: PathPlace
  readonly class: FindingClass
  readonly severity: Severity
  readonly state: 'open' | 'resolved'
  /** Share of the flow's duration that would be saved. */
  readonly speedup: Interval
  readonly savedMs: Interval
  readonly meanDurationMs: number
  /** Saved ms times executions per hour, of which `severity` speaks; absent in what an earlier release remembered. */
  readonly lostMsPerHour: number | undefined
  readonly openedUnixNs: bigint
  readonly updatedUnixNs: bigint
  readonly toldSequence: number
  readonly slowest: readonly ShownExecution[]
}

/** One that shows what is said, for people to look at. */
export interface ShownExecution {
  readonly executionId: string
  readonly traceId: string
}

export interface WaitStep {
  readonly step: 'opened' | 'updated' | 'resolved'
  readonly wait: Wait
}

/**
 * Any flow has places that take a tenth of it, and nobody gets one down to 0. To halve a fifth gains a tenth: the
 * smallest change that is told as one. It ends below 15 %, so that it does not flicker.
 */
const OPEN_SHARE = 0.2
const CLOSE_SHARE = 0.15
/** As long as a flow is learned. */
const MIN_COUNT = 30
/** A place that takes as long as when it was told has not ended, though its share is less where another grew. */
const SHRUNK_RATIO = 0.75
const JUDGE_EVERY_COUNT = 10
const TELL_EVERY_COUNT = 50
/** An interval of many alike executions is narrower than anybody cares about: five points are news. */
const TELL_SHARE = 0.05
/** Where to begin, and what comes next; the report lists every place by its share. */
const MAX_OPENED_RANK = 2
const MAX_EVIDENCE_COUNT = 5

/**
 * Judges every tenth execution what the flow would gain if a place took no time.
 *
 * `from` is where the flow's present level began: what was before is not its present. O(savings in the window) every
 * tenth time, where any place may be one.
 */
export function judgeWaits(
  waits: readonly Wait[],
  {
    history,
    entry,
    from,
    savings,
  }: { history: History; entry: HistoryEntry; from: number; savings: PresentSavings },
  flow: { readonly tenant: string; readonly flowId: string },
): readonly WaitStep[] {
  if (entry.sequence % JUDGE_EVERY_COUNT !== JUDGE_EVERY_COUNT - 1) return NONE
  const entries = savings.entries(history, from)
  if (entries.length < MIN_COUNT) return NONE
  if (waits.length === 0 && !savings.mayReach(OPEN_SHARE, history, from)) return NONE
  const candidates = placeSavings(history, entries)
  const present = { history, entry, entries }
  const followed = waits.flatMap((wait) => follow(wait, candidates, present))
  const ended = followed.flatMap(({ step, wait }) => (step === 'resolved' ? [wait.id] : []))
  const stillOpen = waits.filter(({ id }) => !ended.includes(id))
  const fresh = candidates
    .slice(0, MAX_OPENED_RANK)
    .filter(({ speedup }) => speedup.low >= OPEN_SHARE)
    .filter(({ place }) => !waits.some((wait) => isSamePhase(wait.place, place)))
    .filter((one, index) => standsOut(one, { candidates, stillOpen, freshCount: index }))
    .map((candidate) => open(candidate, present, flow))
  return [...followed, ...fresh.map((wait) => ({ step: 'opened' as const, wait }))]
}

const NONE: readonly WaitStep[] = []

/** There is room for it, or it is surely larger than one that is open: of equals, none replaces another. */
function standsOut(
  { speedup }: PlaceSaving,
  {
    candidates,
    stillOpen,
    freshCount,
  }: { candidates: readonly PlaceSaving[]; stillOpen: readonly Wait[]; freshCount: number },
): boolean {
  if (stillOpen.length + freshCount < MAX_OPENED_RANK) return true
  return candidates.some(
    (other) =>
      other.speedup.value + TELL_SHARE < speedup.low &&
      stillOpen.some(({ place }) => isSamePhase(place, other.place)),
  )
}

/** The open waits after these steps. */
export function applyWaitSteps(
  waits: readonly Wait[],
  steps: readonly WaitStep[],
): readonly Wait[] {
  if (steps.length === 0) return waits
  const changed = new Map(steps.map(({ wait }) => [wait.id, wait]))
  const opened = steps.flatMap(({ step, wait }) => (step === 'opened' ? [wait] : []))
  return [...waits.map((wait) => changed.get(wait.id) ?? wait), ...opened].filter(
    ({ state }) => state === 'open',
  )
}

/** The executions that speak for the present, and the newest of them. */
interface Present {
  readonly history: History
  readonly entry: HistoryEntry
  readonly entries: readonly HistoryEntry[]
}

function open(
  candidate: PlaceSaving,
  present: Present,
  flow: { readonly tenant: string; readonly flowId: string },
): Wait {
  const { entry } = present
  const { place } = candidate
  return {
    id: findingId({
      ...flow,
      ...place,
      metric: 'speedup',
      kind: 'bottleneck',
      direction: 'none',
      onsetExecutionId: entry.executionId,
    }),
    state: 'open',
    openedUnixNs: entry.endUnixNs,
    toldSequence: entry.sequence,
    ...stateOf(candidate, present),
  }
}

function follow(wait: Wait, candidates: readonly PlaceSaving[], present: Present): WaitStep[] {
  const { entry } = present
  const now = candidates.find(({ place }) => isSamePhase(place, wait.place))
  const hasShrunk = now === undefined || now.savedMs.value < SHRUNK_RATIO * wait.savedMs.value
  if (now === undefined || (now.speedup.value < CLOSE_SHARE && hasShrunk)) {
    const figures = now === undefined ? {} : { speedup: now.speedup, savedMs: now.savedMs }
    const end = { state: 'resolved' as const, updatedUnixNs: entry.endUnixNs }
    return [{ step: 'resolved', wait: { ...wait, ...figures, ...end } }]
  }
  // What is told is an interval: while the share stays in it, nothing is new.
  const { value, low, high } = wait.speedup
  const isInside = now.speedup.value >= low && now.speedup.value <= high
  const isNear = Math.abs(now.speedup.value - value) < TELL_SHARE
  const isDue = entry.sequence - wait.toldSequence >= TELL_EVERY_COUNT
  if (!isDue || now.speedup.value < CLOSE_SHARE) return []
  const isNews = !isInside && !isNear
  if (!isNews && !hasOutgrown(wait.severity, lossOf(now, present))) return []
  const toldSequence = entry.sequence
  return [{ step: 'updated', wait: { ...wait, ...stateOf(now, present), toldSequence } }]
}

function lossOf({ savedMs }: PlaceSaving, { history, entries }: Present): number {
  return lostMsPerHour(savedMs.value, history, entries)
}

function stateOf(saving: PlaceSaving, present: Present) {
  const { place, speedup, savedMs } = saving
  const { entries } = present
  const loss = lossOf(saving, present)
  return {
    place,
    class: isSerial(place) ? ('serial-work' as const) : classify(place, entries),
    severity: severityOf(loss),
    lostMsPerHour: loss,
    speedup,
    savedMs,
    meanDurationMs: entries.reduce((sum, entry) => sum + entry.durationMs, 0) / entries.length,
    updatedUnixNs: entries.at(-1)?.endUnixNs ?? 0n,
    slowest: slowestOf(entries),
  }
}

/** What a wait looks like at its worst. */
export function slowestOf(entries: readonly HistoryEntry[]): readonly ShownExecution[] {
  return [...entries]
    .sort((a, b) => b.durationMs - a.durationMs || a.sequence - b.sequence)
    .slice(0, MAX_EVIDENCE_COUNT)
    .map(({ executionId, traceId }) => ({ executionId, traceId }))
}
