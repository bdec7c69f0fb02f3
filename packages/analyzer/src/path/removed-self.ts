import type { ExecutionSpan, Phase } from '../trace/execution.ts'
import type { Interval } from '../trace/pauses.ts'
import { familyFrom, NONE } from './families.ts'
import { runAt, type SpanForest, stepIdAt } from './span-forest.ts'

/** A phase that is to take `ratio` of its time: of one step, or of all; only `engine` is then the time between steps. */
export interface PhaseTarget {
  readonly stepId: string | undefined
  readonly phase: Phase
  readonly ratio: number
}

/** Own time of one span of which a part vanishes: disjoint, in time order. */
export type SelfRemoval = readonly ShrunkGap[]

/** A stretch of a span's time in which no child of it ran. */
interface OwnGap extends Interval {
  readonly row: number
  /** What it loses when the phase takes no time at all. */
  lostNs: number
}

interface ShrunkGap extends Interval {
  readonly removedNs: number
  /** Of the same span before this gap. */
  readonly removedBeforeNs: number
}

/** A step whose own time, together with that of its attempts, is to lose `removeNs`. */
interface TargetStep {
  readonly removeNs: number
  readonly gaps: OwnGap[]
}

/**
 * Where the part of a phase that no span of its own shows is taken from, by row. Exact in sum at a ratio of 0: the
 * gaps of a step lose together what the phase measured, less the spans that vanish by themselves. O(n log n).
 */
export function removedSelf(
  forest: SpanForest,
  target: PhaseTarget,
  isShrunk: readonly boolean[],
): readonly (SelfRemoval | undefined)[] {
  const { spans } = forest
  const removals = new Array<ShrunkGap[] | undefined>(spans.length)
  const targets = new Array<TargetStep | undefined>(spans.length)
  for (let row = 0; row < spans.length; row++) {
    // A row below the length.
    const span = spans[row] as ExecutionSpan
    if (isBetweenSteps(target)) {
      if (span.role === 'execution' && span.depth === 0) removeAll(removals, forest, row, target)
      continue
    }
    if (span.role !== 'step' && span.role !== 'attempt') continue
    if (!isStepOf(forest, row, target)) continue
    if (span.role === 'step') {
      const removeNs = hiddenNs(forest, row, target, isShrunk)
      if (removeNs > 0) targets[row] = { removeNs, gaps: [] }
    }
    const gaps = targets[forest.step[row] ?? NONE]?.gaps
    if (gaps !== undefined) addSelfGaps(gaps, forest, row)
  }
  for (let step = 0; step < targets.length; step++) {
    const found = targets[step]
    if (found === undefined) continue
    shrink(preferredFirst(forest, target.phase, step, found.gaps), found.removeNs)
    addRemovals(removals, found.gaps, target.ratio)
  }
  return removals
}

/** Whether a row lies in a step whose phase is to go: the named one, or any. */
export function isStepOf(
  forest: SpanForest,
  row: number,
  target: Pick<PhaseTarget, 'stepId' | 'phase'>,
): boolean {
  if (isBetweenSteps(target)) return false
  const stepId = stepIdAt(forest, row)
  return stepId !== undefined && (target.stepId === undefined || target.stepId === stepId)
}

/** How much vanishes between two instants. A gap cut by the question gives from its start. O(log n). */
export function removedBetween(
  removal: SelfRemoval | undefined,
  fromNs: number,
  toNs: number,
): number {
  if (removal === undefined || fromNs >= toNs) return 0
  return Math.max(0, removedUntil(removal, toNs) - removedUntil(removal, fromNs))
}

function removedUntil(removal: SelfRemoval, atNs: number): number {
  let low = 0
  let high = removal.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((removal[middle]?.startNs ?? 0) < atNs) low = middle + 1
    else high = middle
  }
  const gap = removal[low - 1]
  if (gap === undefined) return 0
  return gap.removedBeforeNs + Math.min(gap.removedNs, atNs - gap.startNs)
}

function isBetweenSteps({ stepId, phase }: Pick<PhaseTarget, 'stepId' | 'phase'>): boolean {
  return stepId === undefined && phase === 'engine'
}

/** All own time of a span. */
function removeAll(
  removals: (ShrunkGap[] | undefined)[],
  forest: SpanForest,
  row: number,
  { ratio }: PhaseTarget,
): void {
  const gaps: OwnGap[] = []
  addSelfGaps(gaps, forest, row)
  shrink([gaps], lengthOf(gaps))
  addRemovals(removals, gaps, ratio)
}

/** What a phase of a run measured, less what the spans show that are part of it. */
function hiddenNs(
  forest: SpanForest,
  step: number,
  { phase }: PhaseTarget,
  isShrunk: readonly boolean[],
): number {
  const phaseNs = runAt(forest, step)?.phasesNs[phase] ?? 0
  if (phaseNs === 0) return 0
  const isElsewhere = (row: number): boolean =>
    phase === 'work' ? isWorkElsewhere(forest, row) : isShrunk[row] === true
  return Math.max(0, phaseNs - coveredNs(forest, step, isElsewhere))
}

/** The user's spans, sub-flows and nested steps: they count as `work` of the step. */
function isWorkElsewhere({ spans }: SpanForest, row: number): boolean {
  const role = spans[row]?.role
  return role === 'foreign' || role === 'execution' || role === 'step'
}

/** Time of a step, attempts seen through, that the chosen spans below it cover. */
function coveredNs(forest: SpanForest, step: number, isChosen: (row: number) => boolean): number {
  const { spans } = forest
  const bounds = spans[step]
  if (bounds === undefined) return 0
  let sumNs = 0
  let coveredNs = bounds.startNs
  for (const row of inside(forest, step)) {
    if (!isChosen(row)) continue
    const { startNs, endNs } = spans[row] ?? bounds
    const untilNs = Math.min(endNs, bounds.endNs)
    sumNs += Math.max(0, untilNs - Math.max(startNs, coveredNs))
    coveredNs = Math.max(coveredNs, untilNs)
  }
  return sumNs
}

/** The children of a step and of its attempts, in order of start. */
function inside(forest: SpanForest, step: number): readonly number[] {
  const rows = childrenOf(forest, step)
  if (!forest.attempts?.has(step)) return rows
  const { spans } = forest
  return rows
    .flatMap((row) => (spans[row]?.role === 'attempt' ? [row, ...childrenOf(forest, row)] : [row]))
    .sort((a, b) => (spans[a]?.startNs ?? 0) - (spans[b]?.startNs ?? 0))
}

function childrenOf(forest: SpanForest, row: number): number[] {
  return forest.byStart.slice(familyFrom(forest, row), familyFrom(forest, row + 1))
}

/** The parts of a span that no child covers, in time order. */
function addSelfGaps(gaps: OwnGap[], forest: SpanForest, row: number): void {
  const { spans, byStart } = forest
  const bounds = spans[row]
  if (bounds === undefined) return
  let coveredNs = bounds.startNs
  const to = familyFrom(forest, row + 1)
  for (let at = familyFrom(forest, row); at < to && coveredNs < bounds.endNs; at++) {
    const { startNs, endNs } = spans[byStart[at] ?? NONE] ?? bounds
    const gapEndNs = Math.min(startNs, bounds.endNs)
    if (gapEndNs > coveredNs) gaps.push({ row, startNs: coveredNs, endNs: gapEndNs, lostNs: 0 })
    coveredNs = Math.max(coveredNs, endNs)
  }
  if (coveredNs < bounds.endNs)
    gaps.push({ row, startNs: coveredNs, endNs: bounds.endNs, lostNs: 0 })
}

function lengthOf(intervals: readonly Interval[]): number {
  let sum = 0
  for (const { startNs, endNs } of intervals) sum += endNs - startNs
  return sum
}

/** Gaps in two ranks: those where the phase is known to pass, and the others. */
function preferredFirst(
  forest: SpanForest,
  phase: Phase,
  step: number,
  gaps: readonly OwnGap[],
): readonly (readonly OwnGap[])[] {
  const attempts = forest.attempts?.get(step)
  if (attempts === undefined && phase !== 'queue') return [gaps]
  const startNs = forest.spans[step]?.startNs
  const isPreferred = (gap: OwnGap): boolean => {
    if (phase === 'queue') return gap.row === step && gap.startNs === startNs
    if (phase === 'retry_backoff' && attempts !== undefined)
      return (
        gap.row === step && gap.startNs >= attempts.firstEndNs && gap.endNs <= attempts.lastStartNs
      )
    return phase === 'work' && attempts !== undefined && gap.row !== step
  }
  return [gaps.filter(isPreferred), gaps.filter((gap) => !isPreferred(gap))]
}

/** Takes `removeNs` from the first rank in proportion, and what it cannot give from the next. */
function shrink(ranks: readonly (readonly OwnGap[])[], removeNs: number): void {
  let leftNs = removeNs
  for (const gaps of ranks) {
    const totalNs = lengthOf(gaps)
    const keepNs = Math.max(0, totalNs - leftNs)
    leftNs -= totalNs - keepNs
    let seenNs = 0
    for (const gap of gaps) {
      // Rounding positions instead of lengths makes the kept parts sum to keepNs exactly.
      const keptFromNs = Math.round(keepNs * (seenNs / totalNs))
      seenNs += gap.endNs - gap.startNs
      const keptNs = Math.round(keepNs * (seenNs / totalNs)) - keptFromNs
      gap.lostNs = gap.endNs - gap.startNs - keptNs
    }
  }
}

/** Each gap by itself, so that a larger ratio never takes more from any of them. Gaps of one row stand in time order. */
function addRemovals(
  removals: (ShrunkGap[] | undefined)[],
  gaps: readonly OwnGap[],
  ratio: number,
): void {
  for (const { row, startNs, endNs, lostNs } of gaps) {
    const own = removals[row] ?? []
    removals[row] = own
    const last = own.at(-1)
    const removedBeforeNs = last === undefined ? 0 : last.removedBeforeNs + last.removedNs
    own.push({ startNs, endNs, removedNs: lostNs - Math.round(ratio * lostNs), removedBeforeNs })
  }
}
