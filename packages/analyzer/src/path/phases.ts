import type { Execution, Phase, StepRun } from '../trace/execution.ts'
import { splitExactly } from '../trace/split-exactly.ts'
import { PHASES } from '../trace/step-phases.ts'
import { NONE, ROOT } from './families.ts'
import { PathParts } from './path-parts.ts'
import { PathPhases, type PathSegment } from './path-segment.ts'
import {
  addToPhase,
  NO_PHASE_SLOT,
  namedTotal,
  PAUSED_SLOT,
  type PathTotal,
  type PlaceTotal,
  PlaceTotals,
  type StepTotals,
} from './path-total.ts'
import { labelAt, runAt, type SpanForest, spanForest, stepIdAt } from './span-forest.ts'

/** One run's time on the path, split by what is known of it. */
interface StepShare {
  readonly totals: StepTotals
  /** In its own span and attempts, phase not told by the span. */
  ownNs: number
  /** In its detail spans and between its attempts, by place in `PHASES`; most steps have none. */
  knownNs: number[] | undefined
  knownSumNs: number
  /** In the user's spans and sub-flows directly in it. */
  foreignNs: number
  /** In steps nested in it, which report themselves. */
  nestedNs: number
}

/**
 * Splits the path over steps, phases and spans. Integers that sum exactly to `durationNs`, the largest first. `path`: the whole path,
 * as `criticalPath` gives it; throws `RangeError` for one that does not tile the execution.
 *
 * A step that lies on the path as a whole has exactly the phases it measured; the user's spans in it are taken out
 * of `work`. Of a step that lies on it in part only the user's spans, detail spans and retry gaps are known: the
 * rest is split in proportion to what is left of its phases, and says so. O(n log n).
 */
export function pathTotals(
  execution: Execution,
  path: readonly PathSegment[],
): readonly PathTotal[] {
  const forest = spanForest(execution)
  const parts = PathParts.from(forest, path)
  return pathTotalsOf(forest, parts).map(({ place, ns, isEstimated }) => ({
    ...place,
    ns,
    isEstimated,
  }))
}

/** `totals`: to be used again, for executions with the same places; what they gave before is then gone. */
export function pathTotalsOf(
  forest: SpanForest,
  parts: PathParts,
  totals: PlaceTotals = new PlaceTotals(),
): readonly PlaceTotal[] {
  totals.clear()
  const shares = sharesOf(forest, parts, totals)
  for (let row = 0; row < shares.length; row++) {
    const share = shares[row]
    if (share === undefined) continue
    const run = runAt(forest, row)
    const isWhole = run !== undefined && pathNs(share) === run.endNs - run.startNs
    addOwnPhases(share, { leftNs: phasesLeftNs(run, share), isWhole })
  }
  return totals.sorted()
}

/** A part of a step's own time on the path. */
export interface OwnPhase {
  readonly phase: Phase
  readonly ratio: number
}

/**
 * What the path's segments consist of that are a step's own time and tell no phase, in the order of the path: of all such time of
 * the run together, since how long phases took is measured, and when in the step they did is not. The largest first, and absent for
 * other segments and where no phase was measured. O(n log n).
 */
export function ownPhases(
  execution: Execution,
  path: readonly PathSegment[],
): readonly (readonly OwnPhase[] | undefined)[] {
  if (execution.steps.length === 0) return path.map(() => undefined)
  const forest = spanForest(execution)
  const shares = sharesOf(forest, PathParts.from(forest, path), new PlaceTotals())
  const known = shares.map((share, row) => share && ownRatios(share, runAt(forest, row)))
  return path.map(({ spanIndex, phase }) => {
    const step = forest.step[spanIndex ?? NONE] ?? NONE
    return phase === undefined && step !== NONE ? known[step] : undefined
  })
}

function ownRatios(share: StepShare, run: StepRun | undefined): readonly OwnPhase[] | undefined {
  const { slots, openNs } = openPhases(phasesLeftNs(run, share), share.knownNs)
  const sumNs = sumOf(openNs)
  if (sumNs === 0) return undefined
  const phases = slots.flatMap((slot, at) => {
    const phase = PHASES[slot]
    return phase === undefined ? [] : [{ phase, ratio: (openNs[at] ?? 0) / sumNs }]
  })
  return phases.sort((a, b) => b.ratio - a.ratio)
}

/** Each run's time on the path; what lies in no step is added to the totals. */
function sharesOf(forest: SpanForest, parts: PathParts, totals: PlaceTotals): Shares {
  const outside = totals.of(undefined)
  const shares: Shares = new Array<StepShare | undefined>(forest.spans.length)
  const phases = new PathPhases(forest)
  // In order of time.
  for (let part = parts.count - 1; part >= 0; part--) {
    const row = parts.rows[part] ?? ROOT
    const own = { startNs: parts.startsNs[part] ?? 0, endNs: parts.endNs(part) }
    const spent = { row, phase: phases.of(row, own), ns: own.endNs - own.startNs }
    const step = row === ROOT ? NONE : (forest.step[row] ?? NONE)
    if (step === NONE) addOutsideSteps(outside, forest, spent)
    else addToShare(shareOf(shares, totals, forest, step), forest, spent)
  }
  addNested(totals, forest, shares)
  return shares
}

/** A part of the path. */
interface Spent {
  readonly row: number
  readonly phase: PathSegment['phase']
  readonly ns: number
}

type Shares = (StepShare | undefined)[]

/** By row of the step. */
function shareOf(shares: Shares, totals: PlaceTotals, forest: SpanForest, step: number): StepShare {
  const known = shares[step]
  if (known !== undefined) return known
  const share: StepShare = {
    totals: totals.of(stepIdAt(forest, step)),
    ownNs: 0,
    knownNs: undefined,
    knownSumNs: 0,
    foreignNs: 0,
    nestedNs: 0,
  }
  shares[step] = share
  return share
}

function addOutsideSteps(outside: StepTotals, forest: SpanForest, { row, phase, ns }: Spent): void {
  const span = row === ROOT ? undefined : forest.spans[row]
  if (span !== undefined && span.role !== 'execution') {
    const spanName = labelAt(forest, row) ?? span.name
    namedTotal(outside, { phase, spanName }).ns += ns
  } else addToPhase(outside, slotOf(phase), ns)
}

function addToShare(share: StepShare, forest: SpanForest, { row, phase, ns }: Spent): void {
  const span = forest.spans[row]
  if (span === undefined) return
  if (span.role === 'foreign' || span.role === 'execution') {
    const spanName = labelAt(forest, row) ?? span.name
    namedTotal(share.totals, { phase: 'work', spanName }).ns += ns
    share.foreignNs += ns
  } else if (phase !== undefined) {
    share.knownNs ??= PHASES.map(() => 0)
    const slot = slotOf(phase)
    share.knownNs[slot] = (share.knownNs[slot] ?? 0) + ns
    share.knownSumNs += ns
  } else share.ownNs += ns
}

/** Time of nested steps is time of every step around them; an inner step stands in a later row than its outer. */
function addNested(totals: PlaceTotals, forest: SpanForest, shares: Shares): void {
  for (let row = shares.length - 1; row >= 0; row--) {
    const share = shares[row]
    if (share === undefined) continue
    const outer = forest.step[forest.spans[row]?.parentRow ?? ROOT] ?? NONE
    if (outer === NONE) continue
    shareOf(shares, totals, forest, outer).nestedNs += pathNs(share)
  }
}

function pathNs(share: StepShare): number {
  return share.ownNs + share.knownSumNs + share.foreignNs + share.nestedNs
}

/** By phase, from what is left of each in the order of `PHASES`; `isWhole`: the run lies on the path from start to end. */
function addOwnPhases(
  { totals, ownNs, knownNs, knownSumNs }: StepShare,
  { leftNs, isWhole }: { readonly leftNs: readonly number[]; readonly isWhole: boolean },
): void {
  if (isWhole && sumOf(leftNs) === ownNs + knownSumNs) {
    for (let slot = 0; slot < PHASES.length; slot++) addToPhase(totals, slot, leftNs[slot] ?? 0)
    return
  }
  for (let slot = 0; slot < PHASES.length; slot++) addToPhase(totals, slot, knownNs?.[slot] ?? 0)
  const { slots, openNs } = openPhases(leftNs, knownNs)
  if (slots.length === 0) addToPhase(totals, NO_PHASE_SLOT, ownNs)
  else addEstimated(totals, slots, splitExactly(ownNs, openNs))
}

/** What of each phase no span of the path has told. */
function openPhases(
  leftNs: readonly number[],
  knownNs: readonly number[] | undefined,
): { readonly slots: readonly number[]; readonly openNs: readonly number[] } {
  const slots: number[] = []
  const openNs: number[] = []
  for (let slot = 0; slot < PHASES.length; slot++) {
    const phaseNs = (leftNs[slot] ?? 0) - (knownNs?.[slot] ?? 0)
    if (phaseNs <= 0) continue
    slots.push(slot)
    openNs.push(phaseNs)
  }
  return { slots, openNs }
}

function addEstimated(
  totals: StepTotals,
  slots: readonly number[],
  parts: readonly number[],
): void {
  for (let at = 0; at < slots.length; at++)
    addToPhase(totals, slots[at] ?? NO_PHASE_SLOT, parts[at] ?? 0, true)
}

/** What was measured, without the part of `work` that passed in other spans; by place in `PHASES`. */
function phasesLeftNs(run: StepRun | undefined, share: StepShare): readonly number[] {
  // By name: to look them up by the members of `PHASES` took a third of all the time here (`path.bench.ts`).
  const phasesNs = run?.phasesNs ?? NOTHING_MEASURED
  const workNs = (phasesNs.work ?? 0) - share.foreignNs - share.nestedNs
  return [
    phasesNs.retry_backoff ?? 0,
    phasesNs.resource_wait ?? 0,
    phasesNs.validation ?? 0,
    phasesNs.ledger ?? 0,
    Math.max(0, workNs),
    phasesNs.queue ?? 0,
    phasesNs.engine ?? 0,
  ]
}

const NOTHING_MEASURED: StepRun['phasesNs'] = {}

function sumOf(parts: readonly number[]): number {
  let sum = 0
  for (const part of parts) sum += part
  return sum
}

function slotOf(phase: PathSegment['phase']): number {
  if (phase === undefined) return NO_PHASE_SLOT
  return phase === 'paused' ? PAUSED_SLOT : PHASES.indexOf(phase)
}
