import type { Execution, Phase, StepRun } from '../trace/execution.ts'
import { splitExactly } from '../trace/split-exactly.ts'
import { PHASES } from '../trace/step-run.ts'
import type { PathSegment } from './path-segment.ts'
import { ROOT, type SpanForest, spanForest, stepIdAt } from './span-forest.ts'

/**
 * Time on the critical path by place. `stepId` absent: between steps (phase `engine`), a pause (`paused`) or a span
 * outside steps. `spanName`: a span without phases of its own, the user's or a sub-flow's, inside the step's `work`.
 */
export interface PathTotal {
  readonly stepId: string | undefined
  readonly phase: Phase | 'paused' | undefined
  readonly spanName: string | undefined
  readonly ns: number
  /** The step was only partly on the path, so that its phases were split in proportion. */
  readonly isEstimated: boolean
}

/** One step's time on the path, split by what is known of it. */
interface StepShare {
  readonly row: number
  /** In its own span and attempts, phase not told by the span. */
  ownNs: number
  /** In its detail spans and between its attempts; most steps have none. */
  knownNs: Map<Phase, number> | undefined
  /** In the user's spans and sub-flows directly in it, by label. */
  foreignNs: Map<string, number> | undefined
  /** Sums of the two. */
  knownSumNs: number
  foreignSumNs: number
  /** In steps nested in it, which report themselves. */
  nestedNs: number
}

/**
 * Splits the path over steps, phases and spans. Integers that sum exactly to `durationNs`, the largest first.
 *
 * A step that lies on the path as a whole has exactly the phases it measured; the user's spans in it are taken out
 * of `work`. Of a step that lies on it in part only the user's spans, detail spans and retry gaps are known: the
 * rest is split in proportion to what is left of its phases, and says so. O(n log n).
 */
export function pathTotals(
  execution: Execution,
  path: readonly PathSegment[],
): readonly PathTotal[] {
  return pathTotalsOf(spanForest(execution), path)
}

export function pathTotalsOf(
  forest: SpanForest,
  path: readonly PathSegment[],
): readonly PathTotal[] {
  const shares = new Map<number, StepShare>()
  const totals = new TotalsByPlace()
  for (const segment of path) {
    const row = segment.spanIndex ?? ROOT
    const stepRow = forest.step[row] ?? -1
    if (stepRow === -1) totals.add(outsideSteps(forest, segment))
    else addToStep(forest, shareOf(shares, stepRow), segment)
  }
  addNested(forest, shares)
  for (const share of shares.values()) addStep(totals, forest, share)
  return totals.sorted()
}

function outsideSteps(
  forest: SpanForest,
  { spanIndex, phase, startNs, endNs }: PathSegment,
): PathTotal {
  const span = forest.spans[spanIndex ?? ROOT]
  const isOwn = span === undefined || span.role === 'execution'
  const spanName = isOwn ? undefined : forest.label(spanIndex ?? ROOT)
  return { stepId: undefined, phase, spanName, ns: endNs - startNs, isEstimated: false }
}

function addToStep(forest: SpanForest, share: StepShare, segment: PathSegment): void {
  const row = segment.spanIndex ?? ROOT
  const span = forest.spans[row]
  if (span === undefined) return
  const ns = segment.endNs - segment.startNs
  if (span.role === 'foreign' || span.role === 'execution') {
    share.foreignNs ??= new Map()
    addTo(share.foreignNs, forest.label(row) ?? span.name, ns)
    share.foreignSumNs += ns
  } else if (segment.phase !== undefined && segment.phase !== 'paused') {
    share.knownNs ??= new Map()
    addTo(share.knownNs, segment.phase, ns)
    share.knownSumNs += ns
  } else share.ownNs += ns
}

/** Time of nested steps is time of every step around them; an inner step stands in a later row than its outer. */
function addNested(forest: SpanForest, shares: Map<number, StepShare>): void {
  for (let row = forest.spans.length - 1; row >= 0; row--) {
    const share = shares.get(row)
    const outer = forest.step[forest.parent[row] ?? ROOT] ?? -1
    if (share !== undefined && outer !== -1) shareOf(shares, outer).nestedNs += pathNs(share)
  }
}

function pathNs(share: StepShare): number {
  return share.ownNs + share.knownSumNs + share.foreignSumNs + share.nestedNs
}

function addStep(totals: TotalsByPlace, forest: SpanForest, share: StepShare): void {
  const stepId = stepIdAt(forest, share.row)
  for (const [spanName, ns] of share.foreignNs ?? [])
    totals.add({ stepId, phase: 'work', spanName, ns, isEstimated: false })
  for (const { phase, ns, isEstimated } of ownPhases(forest.run(share.row), share))
    totals.add({ stepId, phase, spanName: undefined, ns, isEstimated })
}

type OwnPhase = Pick<PathTotal, 'phase' | 'ns' | 'isEstimated'>

/** The step's time on the path less foreign spans and nested steps, by phase. */
function ownPhases(run: StepRun | undefined, share: StepShare): readonly OwnPhase[] {
  const targetNs = share.ownNs + share.knownSumNs
  const left = phasesLeft(run, share.foreignSumNs + share.nestedNs)
  const isWhole = run !== undefined && pathNs(share) === run.endNs - run.startNs
  if (isWhole && sumOf(left) === targetNs) return left
  const known: OwnPhase[] = []
  for (const [phase, ns] of share.knownNs ?? []) known.push({ phase, ns, isEstimated: false })
  const open = left.flatMap(({ phase, ns }) => {
    const openNs = ns - (share.knownNs?.get(phase) ?? 0)
    return openNs > 0 ? [{ phase, ns: openNs }] : []
  })
  if (open.length === 0)
    return [...known, { phase: undefined, ns: share.ownNs, isEstimated: false }]
  const parts = splitExactly(
    share.ownNs,
    open.map(({ ns }) => ns),
  )
  return [
    ...known,
    ...open.map(({ phase }, index) => ({ phase, ns: parts[index] ?? 0, isEstimated: true })),
  ]
}

/** The measured phases, without the part of `work` that passed in other spans. */
function phasesLeft(
  run: StepRun | undefined,
  elsewhereNs: number,
): readonly (OwnPhase & { readonly phase: Phase })[] {
  const left: (OwnPhase & { readonly phase: Phase })[] = []
  if (run === undefined) return left
  for (const phase of PHASES) {
    const ns = run.phasesNs[phase] ?? 0
    const leftNs = phase === 'work' ? Math.max(0, ns - elsewhereNs) : ns
    if (leftNs > 0) left.push({ phase, ns: leftNs, isEstimated: false })
  }
  return left
}

function sumOf(parts: readonly { readonly ns: number }[]): number {
  let sum = 0
  for (const { ns } of parts) sum += ns
  return sum
}

function shareOf(shares: Map<number, StepShare>, row: number): StepShare {
  const known = shares.get(row)
  if (known !== undefined) return known
  const share: StepShare = {
    row,
    ownNs: 0,
    knownNs: undefined,
    foreignNs: undefined,
    knownSumNs: 0,
    foreignSumNs: 0,
    nestedNs: 0,
  }
  shares.set(row, share)
  return share
}

function addTo<K>(sums: Map<K, number>, key: K, ns: number): void {
  sums.set(key, (sums.get(key) ?? 0) + ns)
}

/** Merges runs of one step; an estimated part makes the whole estimated. */
class TotalsByPlace {
  readonly #totals = new Map<string, { -readonly [K in keyof PathTotal]: PathTotal[K] }>()

  add(total: PathTotal): void {
    if (total.ns === 0) return
    const key = placeKey(total)
    const known = this.#totals.get(key)
    if (known === undefined) {
      this.#totals.set(key, { ...total })
      return
    }
    known.ns += total.ns
    known.isEstimated ||= total.isEstimated
  }

  sorted(): readonly PathTotal[] {
    return [...this.#totals]
      .sort(([aKey, a], [bKey, b]) => b.ns - a.ns || (aKey < bKey ? -1 : 1))
      .map(([, total]) => total)
  }
}

/** The length keeps two places from giving one key; absent members and empty strings differ. */
function placeKey({ stepId, phase, spanName }: PathTotal): string {
  const name = spanName === undefined ? '' : `=${spanName}`
  return `${stepId?.length ?? '-'} ${stepId ?? '-'} ${phase ?? '-'}${name}`
}
