import type { ExecutionSpan, Phase } from '../trace/execution.ts'
import type { Interval } from '../trace/pauses.ts'
import { ROOT, type SpanForest, stepIdAt } from './span-forest.ts'

/** How much of a span's own time vanishes between two instants. */
export interface SelfRemoval {
  between(fromNs: number, toNs: number): number
}

interface Target {
  readonly stepId: string | undefined
  readonly phase: Phase
}

/** Own time of a step's span and its attempts, which one phase shrinks together. */
interface OwnGap extends Interval {
  readonly row: number
}

/**
 * Where the part of a phase that no span of its own shows is taken from, by row. Exact in sum: the gaps of a step
 * lose together what the phase measured, less the spans that vanish by themselves.
 */
export function removedSelf(
  forest: SpanForest,
  target: Target,
  isRemoved: (row: number) => boolean,
): ReadonlyMap<number, SelfRemoval> {
  const gapsByStep = new Map<number, OwnGap[]>()
  const removals = new Map<number, SelfRemoval>()
  for (let row = 0; row < forest.spans.length; row++) {
    // A row below the length.
    const span = forest.spans[row] as ExecutionSpan
    if (isBetweenSteps(target) && span.role === 'execution' && span.depth === 0)
      removals.set(row, removalOf(selfGaps(forest, row).map((gap) => ({ ...gap, keptNs: 0 }))))
    const step = forest.step[row] ?? -1
    const isOwn = span.role === 'step' || span.role === 'attempt'
    if (!isOwn || !isStepOf(forest, row, target)) continue
    const gaps = gapsByStep.get(step)
    if (gaps === undefined) gapsByStep.set(step, selfGaps(forest, row))
    else for (const gap of selfGaps(forest, row)) gaps.push(gap)
  }
  for (const [step, gaps] of gapsByStep)
    shrinkStep({ forest, target, isRemoved, step, gaps, removals })
  return removals
}

/** Whether a row lies in a step whose phase is to go: the named one, or any. */
export function isStepOf(forest: SpanForest, row: number, target: Target): boolean {
  if (isBetweenSteps(target)) return false
  const stepId = stepIdAt(forest, row)
  return stepId !== undefined && (target.stepId === undefined || target.stepId === stepId)
}

function isBetweenSteps({ stepId, phase }: Target): boolean {
  return stepId === undefined && phase === 'engine'
}

function shrinkStep(input: {
  readonly forest: SpanForest
  readonly target: Target
  readonly isRemoved: (row: number) => boolean
  readonly step: number
  readonly gaps: readonly OwnGap[]
  readonly removals: Map<number, SelfRemoval>
}): void {
  const { forest, target, isRemoved, step, gaps, removals } = input
  const phaseNs = forest.run(step)?.phasesNs[target.phase] ?? 0
  const elsewhereNs = coveredNs(forest, step, (row) =>
    target.phase === 'work' ? isWorkElsewhere(forest, row) : isRemoved(row),
  )
  const toRemoveNs = Math.max(0, phaseNs - elsewhereNs)
  if (toRemoveNs === 0) return
  const preferred = preferredFirst(forest, target.phase, step, gaps)
  const keptByRow = new Map<number, (Interval & { keptNs: number })[]>()
  for (const { row, keptNs, startNs, endNs } of shrink(preferred, toRemoveNs)) {
    const kept = keptByRow.get(row)
    if (kept === undefined) keptByRow.set(row, [{ startNs, endNs, keptNs }])
    else kept.push({ startNs, endNs, keptNs })
  }
  for (const [row, kept] of keptByRow) removals.set(row, removalOf(kept))
}

/** The user's spans, sub-flows and nested steps: they count as `work` of the step. */
function isWorkElsewhere(forest: SpanForest, row: number): boolean {
  const role = forest.spans[row]?.role
  return role === 'foreign' || role === 'execution' || role === 'step'
}

/** Time of a step, attempts seen through, that the chosen spans below it cover. */
function coveredNs(forest: SpanForest, step: number, isChosen: (row: number) => boolean): number {
  const bounds = forest.spans[step]
  if (bounds === undefined) return 0
  const chosen: number[] = []
  for (const row of forest.children(step)) {
    if (isChosen(row)) chosen.push(row)
    if (forest.spans[row]?.role !== 'attempt') continue
    for (const inner of forest.children(row)) if (isChosen(inner)) chosen.push(inner)
  }
  if (chosen.length === 0) return 0
  return bounds.endNs - bounds.startNs - lengthOf(uncovered(forest, bounds, chosen))
}

/** The part of a span that no child covers, in time order. */
function selfGaps(forest: SpanForest, row: number): OwnGap[] {
  const bounds = forest.spans[row]
  if (bounds === undefined) return []
  const gaps: OwnGap[] = []
  for (const { startNs, endNs } of uncovered(forest, bounds, forest.children(row)))
    gaps.push({ startNs, endNs, row })
  return gaps
}

function uncovered(forest: SpanForest, bounds: Interval, rows: readonly number[]): Interval[] {
  const covers: Interval[] = []
  for (const row of rows) covers.push(forest.spans[row] ?? bounds)
  if (covers.length > 1) covers.sort((a, b) => a.startNs - b.startNs)
  const gaps: Interval[] = []
  let coveredNsTo = bounds.startNs
  for (const { startNs, endNs } of covers) {
    const gapEndNs = Math.min(startNs, bounds.endNs)
    if (gapEndNs > coveredNsTo) gaps.push({ startNs: coveredNsTo, endNs: gapEndNs })
    coveredNsTo = Math.max(coveredNsTo, endNs)
  }
  if (coveredNsTo < bounds.endNs) gaps.push({ startNs: coveredNsTo, endNs: bounds.endNs })
  return gaps
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
  const attempts = forest.attempts(step)
  if (attempts === undefined && phase !== 'queue') return [gaps]
  const startNs = forest.spans[step]?.startNs ?? ROOT
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
function shrink(
  ranks: readonly (readonly OwnGap[])[],
  removeNs: number,
): readonly (OwnGap & { keptNs: number })[] {
  const shrunk: (OwnGap & { keptNs: number })[] = []
  let leftNs = removeNs
  for (const gaps of ranks) {
    const totalNs = lengthOf(gaps)
    const keepNs = Math.max(0, totalNs - leftNs)
    leftNs -= totalNs - keepNs
    let seenNs = 0
    for (const gap of gaps) {
      // Rounding positions instead of lengths makes the kept parts sum to keepNs exactly.
      const from = Math.round(keepNs * (seenNs / totalNs))
      seenNs += gap.endNs - gap.startNs
      const { row, startNs, endNs } = gap
      const keptNs = Math.round(keepNs * (seenNs / totalNs)) - from
      shrunk.push({ row, startNs, endNs, keptNs })
    }
  }
  return shrunk
}

/** Cumulated over disjoint gaps, so that a question costs O(log n). A gap cut by a question gives from its start. */
function removalOf(gaps: readonly (Interval & { readonly keptNs: number })[]): SelfRemoval {
  const sorted = [...gaps].sort((a, b) => a.startNs - b.startNs)
  const removedBefore: number[] = []
  let sumNs = 0
  for (const { startNs, endNs, keptNs } of sorted) {
    removedBefore.push(sumNs)
    sumNs += endNs - startNs - keptNs
  }
  const until = (atNs: number): number => {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sorted[middle]?.startNs ?? 0) < atNs) low = middle + 1
      else high = middle
    }
    const gap = sorted[low - 1]
    if (gap === undefined) return 0
    const removedNs = gap.endNs - gap.startNs - gap.keptNs
    return (removedBefore[low - 1] ?? 0) + Math.min(removedNs, atNs - gap.startNs)
  }
  return { between: (fromNs, toNs) => Math.max(0, until(toNs) - until(fromNs)) }
}
