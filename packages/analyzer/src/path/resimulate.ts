import type { FlowDefinition } from '../otlp/span-record.ts'
import type { Execution, Phase } from '../trace/execution.ts'
import { spanLabel } from '../trace/span-label.ts'
import { predecessors } from './predecessors.ts'
import { removedSelf, type SelfRemoval } from './removed-self.ts'
import { ROOT, type SpanForest, spanForest, stepIdAt } from './span-forest.ts'

/** What takes no time in the simulation: a phase of a step (no step: between steps), or spans of one label. */
export type Removal =
  | { readonly stepId: string | undefined; readonly phase: Phase }
  | { readonly spanName: string; readonly stepId?: string | undefined }

/** A child in its parent's time, clipped to the parent. `newNs`: how long it takes in the simulation. */
interface Child {
  readonly startNs: number
  readonly endNs: number
  readonly newNs: number
  readonly stepId: string | undefined
}

/**
 * Duration of the execution in ns if `removal` took 0 ms: a virtual speed-up by re-simulation.
 *
 *   - A span waits for every sibling that had ended when it started, and then for the same gap; spans that ran side
 *     by side stay side by side. Where `flow` knows a step's predecessors, it waits for those instead.
 *   - A span ends when its children have, after the same remainder.
 *   - Of a phase, the user's spans in `work` and detail spans vanish where they stand; what is left of it shrinks
 *     the own time of the step in proportion, gaps between attempts for `retry_backoff` and the start for `queue`.
 *
 * Exactly `durationNs` when nothing matches; never more, never negative. Pauses stay. O(n log n), no recursion.
 */
export function durationWithout(
  execution: Execution,
  removal: Removal,
  flow?: FlowDefinition,
): number {
  const forest = spanForest(execution)
  const isRemoved = (row: number): boolean => vanishes(forest, row, removal)
  const removals = 'spanName' in removal ? undefined : removedSelf(forest, removal, isRemoved)
  const before = flow === undefined ? undefined : predecessors(flow)
  const newNs = new Float64Array(forest.spans.length)
  // Children stand in later rows than their parents, so that going back every child is known before its parent.
  for (let row = forest.spans.length - 1; row >= ROOT; row--) {
    const span = forest.spans[row]
    const startNs = span?.startNs ?? 0
    const endNs = span?.endNs ?? forest.durationNs
    const removed = removals?.get(row)
    const children = childrenOf(forest, row, newNs)
    const simulated = isRemoved(row) ? 0 : simulate({ startNs, endNs, children, removed, before })
    if (row === ROOT) return simulated
    newNs[row] = simulated
  }
  return forest.durationNs
}

/** Spans that take no time at all with what is below them: the steps nested in a step are never its own work. */
function vanishes(forest: SpanForest, row: number, removal: Removal): boolean {
  const span = forest.spans[row]
  if (span === undefined || span.role === 'step' || span.role === 'attempt') return false
  const isSegment = span.role === 'execution' && span.depth === 0
  if (isSegment) return false
  if ('spanName' in removal)
    return (
      spanLabel(span) === removal.spanName &&
      (removal.stepId === undefined || stepIdAt(forest, row) === removal.stepId)
    )
  if (removal.stepId === undefined || stepIdAt(forest, row) !== removal.stepId) return false
  if (span.role !== 'detail') return removal.phase === 'work'
  return DETAIL_PHASES.some(
    ([name, phase]) => phase === removal.phase && span.name.startsWith(name),
  )
}

const DETAIL_PHASES: readonly (readonly [string, Phase])[] = [
  ['validate', 'validation'],
  ['acquire', 'resource_wait'],
  ['ledger', 'ledger'],
]

/** In order of start; zero-length ones have nothing to give and nothing to wait for. */
function childrenOf(forest: SpanForest, row: number, newNs: Float64Array): readonly Child[] {
  const outer = forest.spans[row]
  const outerStartNs = outer?.startNs ?? 0
  const outerEndNs = outer?.endNs ?? forest.durationNs
  const children: Child[] = []
  for (const child of forest.children(row)) {
    const span = forest.spans[child]
    if (span === undefined) continue
    const startNs = Math.max(span.startNs, outerStartNs)
    const endNs = Math.min(span.endNs, outerEndNs)
    if (startNs >= endNs) continue
    const overhangNs = span.endNs - span.startNs - (endNs - startNs)
    const stepId = span.role === 'step' ? stepIdAt(forest, child) : undefined
    children.push({ startNs, endNs, newNs: Math.max(0, (newNs[child] ?? 0) - overhangNs), stepId })
  }
  return children.sort((a, b) => a.startNs - b.startNs || a.endNs - b.endNs)
}

interface Simulation {
  readonly startNs: number
  readonly endNs: number
  readonly children: readonly Child[]
  readonly removed: SelfRemoval | undefined
  readonly before: ReadonlyMap<string, ReadonlySet<string>> | undefined
}

/** What a span waits for: ended at `endNs`, in the simulation at `newEndNs`. */
interface Join {
  readonly endNs: number
  readonly newEndNs: number
}

function simulate({ startNs, endNs, children, removed, before }: Simulation): number {
  const removedNs = (from: number, to: number): number => removed?.between(from, to) ?? 0
  const byEnd = children
    .map((_, index) => index)
    .sort((a, b) => endOf(children, a) - endOf(children, b))
  const newEnds = new Float64Array(children.length)
  const endedSteps = new Map<string, Join>()
  let ended: Join = { endNs: startNs, newEndNs: 0 }
  let next = 0
  for (const [index, child] of children.entries()) {
    for (; endOf(children, byEnd[next]) <= child.startNs; next++) {
      const done = byEnd[next] ?? 0
      const join = { endNs: endOf(children, done), newEndNs: newEnds[done] ?? 0 }
      const stepId = children[done]?.stepId
      ended = later(ended, join)
      if (stepId !== undefined) endedSteps.set(stepId, later(endedSteps.get(stepId) ?? join, join))
    }
    const join = knownJoin(child, before, endedSteps) ?? ended
    const gapNs = child.startNs - join.endNs - removedNs(join.endNs, child.startNs)
    newEnds[index] = join.newEndNs + gapNs + child.newNs
  }
  const last = children.reduce(
    (join, child, index) => later(join, { endNs: child.endNs, newEndNs: newEnds[index] ?? 0 }),
    { endNs: startNs, newEndNs: 0 },
  )
  return last.newEndNs + endNs - last.endNs - removedNs(last.endNs, endNs)
}

/** Both have to be over: the latest in the trace, and the latest in the simulation. */
function later(a: Join, b: Join): Join {
  return { endNs: Math.max(a.endNs, b.endNs), newEndNs: Math.max(a.newEndNs, b.newEndNs) }
}

function endOf(children: readonly Child[], index: number | undefined): number {
  return children[index ?? -1]?.endNs ?? Number.POSITIVE_INFINITY
}

/** The definition's edges beat timing, where a step they name did end before. */
function knownJoin(
  child: Child,
  before: Simulation['before'],
  endedSteps: ReadonlyMap<string, Join>,
): Join | undefined {
  let join: Join | undefined
  for (const stepId of before?.get(child.stepId ?? '') ?? []) {
    const ended = endedSteps.get(stepId)
    if (ended !== undefined) join = join === undefined ? ended : later(join, ended)
  }
  return join
}
