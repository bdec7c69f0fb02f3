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
export interface OwnGap extends Interval {
  readonly row: number
  /** What it loses when the phase takes no time at all. */
  lostNs: number
}

interface ShrunkGap extends Interval {
  readonly removedNs: number
  /** Of the same span before this gap. */
  readonly removedBeforeNs: number
}

type Removals = (ShrunkGap[] | undefined)[]
type Attempts = ReadonlyMap<number, readonly number[]> | undefined

const NO_ROWS: readonly number[] = []

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
  const removals: Removals = new Array<ShrunkGap[] | undefined>(spans.length)
  const isBetween = isBetweenSteps(target)
  const attempts = attemptsByStep(forest)
  for (let row = 0; row < spans.length; row++) {
    // A row below the length.
    const { role, depth } = spans[row] as ExecutionSpan
    if (isBetween && role === 'execution' && depth === 0) removeAll(removals, forest, row, target)
    if (!isBetween && role === 'step' && isStepOf(forest, row, target))
      removeFromStep({ forest, target, isShrunk, attempts, removals }, row)
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

export function isBetweenSteps({ stepId, phase }: Pick<PhaseTarget, 'stepId' | 'phase'>): boolean {
  return stepId === undefined && phase === 'engine'
}

/** All own time of a span. */
function removeAll(
  removals: Removals,
  forest: SpanForest,
  row: number,
  { ratio }: PhaseTarget,
): void {
  const gaps: OwnGap[] = []
  addSelfGaps(gaps, forest, row)
  shrink([gaps], lengthOf(gaps))
  addRemovals(removals, gaps, ratio)
}

interface Removing {
  readonly forest: SpanForest
  readonly target: PhaseTarget
  readonly isShrunk: readonly boolean[]
  readonly attempts: Attempts
  readonly removals: Removals
}

/** What a step's span and its attempts lose together. */
function removeFromStep(
  { forest, target, isShrunk, attempts, removals }: Removing,
  step: number,
): void {
  const removeNs = hiddenNs(forest, step, target, isShrunk)
  if (removeNs === 0) return
  const gaps: OwnGap[] = []
  addSelfGaps(gaps, forest, step)
  for (const attempt of attempts?.get(step) ?? NO_ROWS) addSelfGaps(gaps, forest, attempt)
  shrink(preferredFirst(forest, target.phase, step, gaps), removeNs)
  addRemovals(removals, gaps, target.ratio)
}

/** Rows of the attempts by row of their step; absent where there are none. */
function attemptsByStep({ spans, step, attempts }: SpanForest): Attempts {
  if (attempts === undefined) return undefined
  const rows = new Map<number, number[]>()
  for (let row = 0; row < spans.length; row++) {
    if (spans[row]?.role !== 'attempt') continue
    const own = rows.get(step[row] ?? NONE)
    if (own === undefined) rows.set(step[row] ?? NONE, [row])
    else own.push(row)
  }
  return rows
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
  return Array.from(forest.byStart.slice(familyFrom(forest, row), familyFrom(forest, row + 1)))
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
export function shrink(ranks: readonly (readonly OwnGap[])[], removeNs: number): void {
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
function addRemovals(removals: Removals, gaps: readonly OwnGap[], ratio: number): void {
  for (const { row, startNs, endNs, lostNs } of gaps) {
    const own = removals[row] ?? []
    removals[row] = own
    const last = own.at(-1)
    const removedBeforeNs = last === undefined ? 0 : last.removedBeforeNs + last.removedNs
    own.push({ startNs, endNs, removedNs: lostNs - Math.round(ratio * lostNs), removedBeforeNs })
  }
}
