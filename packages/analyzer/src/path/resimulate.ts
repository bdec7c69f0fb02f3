import type { Execution, ExecutionSpan, Phase } from '../trace/execution.ts'
import { type Dependencies, dependenciesOf } from './dependencies.ts'
import { familyFrom, lastEndOf, NONE, ROOT } from './families.ts'
import type { FlowOrder } from './flow-order.ts'
import { isStepOf, removedBetween, removedSelf, type SelfRemoval } from './removed-self.ts'
import { type QueuedFamily, queuedFamily, TurnTaking } from './slots.ts'
import { labelAt, type SpanForest, spanForest, stepIdAt } from './span-forest.ts'

/**
 * What is sped up in the simulation: a phase of a step, or spans of one label. Without a step a phase goes from
 * every step; only `engine` is then the time between steps.
 */
export type Removal =
  | { readonly stepId: string | undefined; readonly phase: Phase }
  | { readonly spanName: string; readonly stepId?: string | undefined }

/** A virtual speed-up: `place` takes `ratio` of its time, 0 none of it and 1 all. */
export interface SpeedUp {
  readonly place: Removal
  readonly ratio: number
}

/**
 * Duration of the execution in ns under a virtual speed-up, by re-simulation.
 *
 *   - A span waits for every sibling that had ended when it started, and then for the same gap; spans that ran side
 *     by side stay side by side. Where its predecessors are known, it waits for those instead.
 *   - A step that had to queue for one of its group's slots takes the one that comes free first (`slots.ts`).
 *   - A span ends when its children have, after the same remainder.
 *   - Of a phase, the user's spans in `work` and detail spans shrink where they stand; what is left of it shrinks
 *     the own time of the step in proportion, gaps between attempts for `retry_backoff` and the start for `queue`.
 *
 * Exactly `durationNs` when nothing matches or at a ratio of 1; never more, never negative, and never less at a
 * larger ratio. Pauses stay. O(n log n), no recursion.
 */
export function durationWith(
  execution: Execution,
  { place, ratio }: SpeedUp,
  order?: FlowOrder,
): number {
  const forest = spanForest(execution)
  return resimulation(forest, dependenciesOf(forest, order))(place, ratio)
}

/** The duration if `removal` took no time. */
export function durationWithout(execution: Execution, removal: Removal, order?: FlowOrder): number {
  return durationWith(execution, { place: removal, ratio: 0 }, order)
}

/** `durationWith` for several speed-ups of one execution: what they share is prepared once. */
export function resimulation(
  forest: SpanForest,
  dependencies?: Dependencies,
): (place: Removal, ratio?: number) => number {
  const { spans, durationNs } = forest
  const newNs = new Array<number>(spans.length)
  const newEndNs = new Array<number>(spans.length)
  const isAffected = new Array<boolean>(spans.length)
  const isShrunk = new Array<boolean>(spans.length)
  const queueOf = queues(forest)
  return (place, ratio = 0) => {
    markShrunk(isShrunk, forest, place)
    const removals =
      'spanName' in place ? undefined : removedSelf(forest, { ...place, ratio }, isShrunk)
    const isQueueing = !('phase' in place && place.phase === 'queue')
    const simulation: Simulation = {
      forest,
      dependencies,
      queueOf: isQueueing ? queueOf : undefined,
      newNs,
      newEndNs,
    }
    // Where nothing below or in a span shrinks, it takes as long as it did.
    isAffected.fill(false)
    let isAnyAffected = false
    // Children stand in later rows than their parents, so that going back every child is known before its parent.
    for (let row = spans.length - 1; row >= 0; row--) {
      // A row below the length.
      const span = spans[row] as ExecutionSpan
      const removal = removals?.[row]
      const wasNs = span.endNs - span.startNs
      const isSimulated = removal !== undefined || isAffected[row] === true
      if (isShrunk[row] === true) newNs[row] = Math.round(ratio * wasNs)
      else newNs[row] = isSimulated ? simulatedNs(simulation, row, removal) : wasNs
      if (isShrunk[row] !== true && !isSimulated) continue
      if (span.parentRow === ROOT) isAnyAffected = true
      else isAffected[span.parentRow] = true
    }
    return isAnyAffected ? simulatedNs(simulation, ROOT, undefined) : durationNs
  }
}

/** Spans that shrink as a whole with what is below them: the steps nested in a step are never its own work. */
function markShrunk(isShrunk: boolean[], forest: SpanForest, place: Removal): void {
  const isNamed = 'spanName' in place
  for (let row = 0; row < isShrunk.length; row++) {
    // A row below the length.
    const span = forest.spans[row] as ExecutionSpan
    const { role } = span
    const isSegment = role === 'execution' && span.depth === 0
    if (role === 'step' || role === 'attempt' || isSegment) isShrunk[row] = false
    else isShrunk[row] = isNamed ? isOfName(forest, row, place) : isOfPhase(forest, row, place)
  }
}

function isOfName(
  forest: SpanForest,
  row: number,
  { spanName, stepId }: Extract<Removal, { readonly spanName: string }>,
): boolean {
  if (stepId !== undefined && stepIdAt(forest, row) !== stepId) return false
  return labelAt(forest, row) === spanName
}

function isOfPhase(
  forest: SpanForest,
  row: number,
  place: Extract<Removal, { readonly phase: Phase }>,
): boolean {
  if (!isStepOf(forest, row, place)) return false
  const span = forest.spans[row]
  if (span?.role !== 'detail') return place.phase === 'work'
  return DETAIL_PHASES.some(([name, phase]) => phase === place.phase && span.name.startsWith(name))
}

const DETAIL_PHASES: readonly (readonly [string, Phase])[] = [
  ['validate', 'validation'],
  ['acquire', 'resource_wait'],
  ['ledger', 'ledger'],
]

/** Looks each family through once; absent where no step ever queued. */
function queues(forest: SpanForest): Simulation['queueOf'] {
  if (!forest.steps.some(({ phasesNs }) => (phasesNs.queue ?? 0) > 0)) return undefined
  const known = new Map<number, QueuedFamily | undefined>()
  return (row) => {
    if (!known.has(row)) known.set(row, queuedFamily(forest, row))
    return known.get(row)
  }
}

interface Simulation {
  readonly forest: SpanForest
  readonly dependencies: Dependencies | undefined
  /** The steps of a family that wait for slots of their group; absent when they need not. */
  readonly queueOf: ((row: number) => QueuedFamily | undefined) | undefined
  /** How long each span takes in the simulation, by row; known of all in the family at hand. */
  readonly newNs: readonly number[]
  /** When it ends there, after the start of its parent. */
  readonly newEndNs: number[]
}

/** How long a span takes in the simulation. */
function simulatedNs(
  simulation: Simulation,
  row: number,
  removal: SelfRemoval | undefined,
): number {
  const { forest, dependencies, queueOf, newNs, newEndNs } = simulation
  const { spans, byStart, byEnd } = forest
  // What `insideStartNs` and `insideEndNs` would say, without a look at the parent for each child.
  const startNs = spans[row]?.startNs ?? 0
  const endNs = spans[row]?.endNs ?? forest.durationNs
  const from = familyFrom(forest, row)
  const to = familyFrom(forest, row + 1)
  const queue = queueOf?.(row)
  const turns = queue && new TurnTaking()
  // What everything up to here had to wait for: the latest end in the trace, and the latest in the simulation.
  let joinNs = startNs
  let newJoinNs = 0
  let lastNs = startNs
  let newLastNs = 0
  let next = from
  const count = queue?.rows.length ?? to - from
  for (let at = 0; at < count; at++) {
    const child = (queue === undefined ? byStart[from + at] : queue.rows[at]) ?? NONE
    const childStartNs = Math.max(spans[child]?.startNs ?? 0, startNs)
    const childEndNs = Math.min(forest.endsNs[child] ?? 0, endNs)
    if (childStartNs > childEndNs) continue
    for (; next < to; next++) {
      const done = byEnd[next] ?? NONE
      const doneEndNs = Math.min(forest.endsNs[done] ?? 0, endNs)
      if (doneEndNs > childStartNs) break
      // What takes no time is waited for only where that is known.
      if (doneEndNs <= Math.max(spans[done]?.startNs ?? 0, startNs)) continue
      joinNs = Math.max(joinNs, doneEndNs)
      newJoinNs = Math.max(newJoinNs, newEndNs[done] ?? 0)
    }
    const before = dependencies?.before[child]
    const waitedNs = before === undefined ? joinNs : lastEndOf(forest, before)
    const newWaitedNs = before === undefined ? newJoinNs : latestOf(newEndNs, before)
    const gapNs = childStartNs - waitedNs - removedBetween(removal, waitedNs, childStartNs)
    const lostNs = lengthAt(spans, child) - (childEndNs - childStartNs)
    const newStartNs = newWaitedNs + gapNs
    const ownNs = Math.max(0, (newNs[child] ?? 0) - lostNs)
    const queueNs = Math.min(queue?.queuesNs[at] ?? 0, ownNs)
    const wait = queue?.waits[at]
    newEndNs[child] =
      wait && turns
        ? turns.endNs(wait, { startNs: newStartNs, queueNs, ownNs })
        : newStartNs + ownNs
    if (childStartNs === childEndNs) continue
    lastNs = Math.max(lastNs, childEndNs)
    newLastNs = Math.max(newLastNs, newEndNs[child] ?? 0)
  }
  return newLastNs + endNs - lastNs - removedBetween(removal, lastNs, endNs)
}

function lengthAt(spans: readonly ExecutionSpan[], row: number): number {
  const span = spans[row]
  return span === undefined ? 0 : span.endNs - span.startNs
}

function latestOf(endsNs: readonly number[], rows: readonly number[]): number {
  let latestNs = 0
  for (const row of rows) latestNs = Math.max(latestNs, endsNs[row] ?? 0)
  return latestNs
}
