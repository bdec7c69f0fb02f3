import {
  type History,
  type HistoryEntry,
  savedMsByPlace,
  simulatedEntries,
} from '../baseline/history.ts'
import { isOverall, type PathPlace } from '../baseline/place.ts'
import { type Interval, meanInterval, ratioInterval } from '../stats/mean-interval.ts'
import { classify } from './classify.ts'
import type { FindingClass, Severity } from './finding.ts'
import { findingId } from './finding-id.ts'
import { severityOf } from './severity.ts'

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
  readonly openedUnixNs: bigint
  readonly updatedUnixNs: bigint
  readonly toldSequence: number
  readonly slowest: readonly { readonly executionId: string; readonly traceId: string }[]
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
/** The executions that speak for the present. */
const WINDOW_COUNT = 100
const JUDGE_EVERY_COUNT = 10
const TELL_EVERY_COUNT = 50
/** An interval of many alike executions is narrower than anybody cares about: five points are news. */
const TELL_SHARE = 0.05
/** Where to begin, and what comes next; the report lists every place by its share. */
const MAX_OPENED_RANK = 2
/** A kind of span that makes up this share of a phase is what the phase waits for. */
const SPAN_COVERS_RATIO = 0.8
/** A step that makes up this share of a phase over all steps is where it passes; else the phase itself is the place. */
const STEP_COVERS_RATIO = 0.5
const MAX_EVIDENCE_COUNT = 5

/**
 * Judges every tenth execution what the flow would gain if a place took no time.
 *
 * `from` is where the flow's present level began: what was before is not its present. O(window x places).
 */
export function judgeWaits(
  waits: readonly Wait[],
  { history, entry, from }: { history: History; entry: HistoryEntry; from: number },
  flow: { readonly tenant: string; readonly flowId: string },
): WaitStep[] {
  if (entry.sequence % JUDGE_EVERY_COUNT !== JUDGE_EVERY_COUNT - 1) return []
  const entries = simulatedEntries(history, from).slice(-WINDOW_COUNT)
  if (entries.length < MIN_COUNT) return []
  const candidates = measureAll(history, entries)
  const followed = waits.flatMap((wait) => follow(wait, { candidates, entry, entries }))
  const ended = followed.flatMap(({ step, wait }) => (step === 'resolved' ? [wait.id] : []))
  const stillOpen = waits.filter(({ id }) => !ended.includes(id))
  const fresh = candidates
    .slice(0, MAX_OPENED_RANK)
    .filter(({ speedup }) => speedup.low >= OPEN_SHARE)
    .filter(({ place }) => !waits.some((wait) => isSamePhase(wait.place, place)))
    .filter((one, index) => standsOut(one, { candidates, stillOpen, freshCount: index }))
    .map((candidate) => open(candidate, { entry, entries, flow }))
  return [...followed, ...fresh.map((wait) => ({ step: 'opened' as const, wait }))]
}

/** There is room for it, or it is surely larger than one that is open: of equals, none replaces another. */
function standsOut(
  { speedup }: Candidate,
  {
    candidates,
    stillOpen,
    freshCount,
  }: { candidates: readonly Candidate[]; stillOpen: readonly Wait[]; freshCount: number },
): boolean {
  if (stillOpen.length + freshCount < MAX_OPENED_RANK) return true
  return candidates.some(
    (other) =>
      other.speedup.value + TELL_SHARE < speedup.low &&
      stillOpen.some(({ place }) => isSamePhase(place, other.place)),
  )
}

/** The open waits after these steps. */
export function applyWaitSteps(waits: readonly Wait[], steps: readonly WaitStep[]): Wait[] {
  const changed = new Map(steps.map(({ wait }) => [wait.id, wait]))
  const opened = steps.flatMap(({ step, wait }) => (step === 'opened' ? [wait] : []))
  return [...waits.map((wait) => changed.get(wait.id) ?? wait), ...opened].filter(
    ({ state }) => state === 'open',
  )
}

interface Candidate {
  readonly place: PathPlace
  readonly speedup: Interval
  readonly savedMs: Interval
}

/** One candidate per phase, the largest first. */
function measureAll(history: History, entries: readonly HistoryEntry[]): Candidate[] {
  const all = [...savedByPlace(entries)]
    .flatMap(([index, savedMs]) => measure(history.places[index], entries, savedMs))
    .sort((a, b) => b.speedup.value - a.speedup.value)
  const spans = all.filter(({ place }) => place.spanName !== undefined && place.phase !== undefined)
  return told(all.filter((one) => !spans.includes(one))).map((phase) => {
    const main = spans.find(({ place }) => isSamePhase(place, phase.place))
    const covers = main && main.savedMs.value >= SPAN_COVERS_RATIO * phase.savedMs.value
    return covers ? { ...phase, place: main.place } : phase
  })
}

/** A phase is told once: over all steps, or of the step in which most of it passes and of those that pass beside it. */
function told(phases: readonly Candidate[]): Candidate[] {
  return phases.filter((one) => {
    const isOne = isOverall(one.place)
    const whole = isOne
      ? one
      : phases.find((other) => isOverall(other.place) && other.place.phase === one.place.phase)
    if (whole === undefined) return true
    const parts = phases.filter(({ place }) => !isOverall(place) && place.phase === one.place.phase)
    const isCovered = parts.some(
      (part) => part.savedMs.value >= STEP_COVERS_RATIO * whole.savedMs.value,
    )
    return isOne ? !isCovered : isCovered
  })
}

/**
 * Saved ms in each entry, by index of the place. An execution in which the place was too small to be re-simulated
 * saved nothing: the share is a lower bound.
 */
function savedByPlace(entries: readonly HistoryEntry[]): Map<number, number[]> {
  const saved = new Map<number, number[]>()
  for (const [at, entry] of entries.entries()) {
    for (const [index, ms] of savedMsByPlace(entry)) {
      const row = saved.get(index) ?? new Array<number>(entries.length).fill(0)
      row[at] = (row[at] ?? 0) + ms
      saved.set(index, row)
    }
  }
  return saved
}

function measure(
  place: PathPlace | undefined,
  entries: readonly HistoryEntry[],
  saved: readonly number[],
): Candidate[] {
  const pairs = entries.map(({ durationMs }, at) => ({ part: saved[at] ?? 0, whole: durationMs }))
  const speedup = ratioInterval(pairs)
  const savedMs = meanInterval(saved)
  return place && speedup && savedMs ? [{ place, speedup, savedMs }] : []
}

function open(
  candidate: Candidate,
  {
    entry,
    entries,
    flow,
  }: {
    entry: HistoryEntry
    entries: readonly HistoryEntry[]
    flow: { readonly tenant: string; readonly flowId: string }
  },
): Wait {
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
    ...present(candidate, entries),
  }
}

function follow(
  wait: Wait,
  {
    candidates,
    entry,
    entries,
  }: { candidates: readonly Candidate[]; entry: HistoryEntry; entries: readonly HistoryEntry[] },
): WaitStep[] {
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
  if (!isDue || isInside || isNear || now.speedup.value < CLOSE_SHARE) return []
  const toldSequence = entry.sequence
  return [{ step: 'updated', wait: { ...wait, ...present(now, entries), toldSequence } }]
}

function present({ place, speedup, savedMs }: Candidate, entries: readonly HistoryEntry[]) {
  return {
    place,
    class: classify(place, entries),
    severity: severityOf(savedMs.value, entries),
    speedup,
    savedMs,
    meanDurationMs: entries.reduce((sum, entry) => sum + entry.durationMs, 0) / entries.length,
    updatedUnixNs: entries.at(-1)?.endUnixNs ?? 0n,
    slowest: slowestOf(entries),
  }
}

function slowestOf(entries: readonly HistoryEntry[]): Wait['slowest'] {
  return [...entries]
    .sort((a, b) => b.durationMs - a.durationMs || a.sequence - b.sequence)
    .slice(0, MAX_EVIDENCE_COUNT)
    .map(({ executionId, traceId }) => ({ executionId, traceId }))
}

function isSamePhase(a: PathPlace, b: PathPlace): boolean {
  if (a.phase === undefined || b.phase === undefined) {
    return a.phase === b.phase && a.stepId === b.stepId && a.spanName === b.spanName
  }
  return a.stepId === b.stepId && a.phase === b.phase
}
