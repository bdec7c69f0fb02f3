import type { FlowDefinition } from '../otlp/span-record.ts'
import type { Execution, Phase } from '../trace/execution.ts'
import { type Child, type Family, familyAt } from './family.ts'
import { predecessors } from './predecessors.ts'
import { isStepOf, removedSelf, type SelfRemoval } from './removed-self.ts'
import { TurnTaking } from './slots.ts'
import { ROOT, type SpanForest, spanForest, stepIdAt } from './span-forest.ts'

/**
 * What takes no time in the simulation: a phase of a step, or spans of one label. Without a step a phase goes from
 * every step; only `engine` is then the time between steps.
 */
export type Removal =
  | { readonly stepId: string | undefined; readonly phase: Phase }
  | { readonly spanName: string; readonly stepId?: string | undefined }

/**
 * Duration of the execution in ns if `removal` took 0 ms: a virtual speed-up by re-simulation.
 *
 *   - A span waits for every sibling that had ended when it started, and then for the same gap; spans that ran side
 *     by side stay side by side. Where `flow` knows a step's predecessors, it waits for those instead.
 *   - A step that had to queue for one of its group's slots takes the one that comes free first (`slots.ts`).
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
  return resimulation(spanForest(execution), flow)(removal)
}

/** `durationWithout` for several removals from one execution: what they share is prepared once. */
export function resimulation(
  forest: SpanForest,
  flow: FlowDefinition | undefined,
): (removal: Removal) => number {
  const before = flow === undefined ? undefined : predecessors(flow)
  const families = new Map<number, Family>()
  const familyOf = (row: number): Family => {
    const known = families.get(row)
    if (known !== undefined) return known
    const family = familyAt(forest, row, before)
    families.set(row, family)
    return family
  }
  return (removal) => {
    const isRemoved = (row: number): boolean => vanishes(forest, row, removal)
    const isQueueing = !('phase' in removal && removal.phase === 'queue')
    const removals = 'spanName' in removal ? undefined : removedSelf(forest, removal, isRemoved)
    const newNs = new Float64Array(forest.spans.length)
    // Where nothing below or in a span vanishes, it takes as long as it did.
    const isAffected = new Uint8Array(forest.spans.length)
    let isAnyAffected = false
    // Children stand in later rows than their parents, so that going back every child is known before its parent.
    for (let row = forest.spans.length - 1; row >= 0; row--) {
      const span = forest.spans[row]
      if (span === undefined) continue
      const isGone = isRemoved(row)
      const removed = removals?.get(row)
      if (!isGone && removed === undefined && isAffected[row] === 0) {
        newNs[row] = span.endNs - span.startNs
        continue
      }
      newNs[row] = isGone ? 0 : simulate(familyOf(row), { newNs, removed, isQueueing })
      const parent = forest.parent[row] ?? ROOT
      if (parent === ROOT) isAnyAffected = true
      else isAffected[parent] = 1
    }
    return isAnyAffected
      ? simulate(familyOf(ROOT), { newNs, removed: undefined, isQueueing })
      : forest.durationNs
  }
}

/** Spans that take no time at all with what is below them: the steps nested in a step are never its own work. */
function vanishes(forest: SpanForest, row: number, removal: Removal): boolean {
  const span = forest.spans[row]
  if (span === undefined || span.role === 'step' || span.role === 'attempt') return false
  const isSegment = span.role === 'execution' && span.depth === 0
  if (isSegment) return false
  if ('spanName' in removal)
    return (
      (removal.stepId === undefined || stepIdAt(forest, row) === removal.stepId) &&
      forest.label(row) === removal.spanName
    )
  if (!isStepOf(forest, row, removal)) return false
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

interface Change {
  /** By row, what it takes in the simulation. */
  readonly newNs: Float64Array
  readonly removed: SelfRemoval | undefined
  /** Whether steps still wait for a slot of their group. */
  readonly isQueueing: boolean
}

function simulate(family: Family, { newNs, removed, isQueueing }: Change): number {
  const { startNs, endNs, children, byEnd } = family
  const waits = isQueueing ? family.slotWaits : undefined
  const turns = waits && new TurnTaking()
  const newEnds = new Float64Array(children.length)
  // What everything up to here had to wait for: the latest end in the trace, and the latest in the simulation.
  let endedNs = startNs
  let newEndedNs = 0
  const endedSteps = children.some(isWaiting) ? new Map<string, Join>() : undefined
  let next = 0
  for (let index = 0; index < children.length; index++) {
    // An index below the length; the same holds of `byEnd`, which has as many.
    const child = children[index] as Child
    for (; next < byEnd.length; next++) {
      const done = byEnd[next] as number
      const { endNs: doneEndNs, stepId } = children[done] as Child
      if (doneEndNs > child.startNs) break
      const newEndNs = newEnds[done] ?? 0
      endedNs = Math.max(endedNs, doneEndNs)
      newEndedNs = Math.max(newEndedNs, newEndNs)
      if (stepId === undefined || endedSteps === undefined) continue
      const join = { endNs: doneEndNs, newEndNs }
      endedSteps.set(stepId, later(endedSteps.get(stepId) ?? join, join))
    }
    const known = endedSteps && knownJoin(child, endedSteps)
    const joinNs = known?.endNs ?? endedNs
    const gapNs = child.startNs - joinNs - (removed?.between(joinNs, child.startNs) ?? 0)
    const ownNs = Math.max(0, (newNs[child.row] ?? 0) - child.overhangNs)
    const newStartNs = (known?.newEndNs ?? newEndedNs) + gapNs
    const wait = waits?.[index]
    const queueNs = Math.min(child.turnNs - child.startNs, ownNs)
    newEnds[index] =
      wait && turns
        ? turns.endNs(wait, { startNs: newStartNs, queueNs, ownNs })
        : newStartNs + ownNs
  }
  let lastNs = startNs
  let newLastNs = 0
  for (let index = 0; index < children.length; index++) {
    lastNs = Math.max(lastNs, (children[index] as Child).endNs)
    newLastNs = Math.max(newLastNs, newEnds[index] ?? 0)
  }
  return newLastNs + endNs - lastNs - (removed?.between(lastNs, endNs) ?? 0)
}

/** What a span waits for: ended at `endNs`, in the simulation at `newEndNs`. */
interface Join {
  readonly endNs: number
  readonly newEndNs: number
}

/** Both have to be over: the latest in the trace, and the latest in the simulation. */
function later(a: Join, b: Join): Join {
  return { endNs: Math.max(a.endNs, b.endNs), newEndNs: Math.max(a.newEndNs, b.newEndNs) }
}

function isWaiting({ waitsFor }: Child): boolean {
  return waitsFor !== undefined
}

/** The definition's edges beat timing, where a step they name did end before. */
function knownJoin({ waitsFor }: Child, endedSteps: ReadonlyMap<string, Join>): Join | undefined {
  if (waitsFor === undefined) return undefined
  let join: Join | undefined
  for (const stepId of waitsFor) {
    const ended = endedSteps.get(stepId)
    if (ended !== undefined) join = join === undefined ? ended : later(join, ended)
  }
  return join
}
