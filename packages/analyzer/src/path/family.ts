import { type SlotWait, slotWaits } from './slots.ts'
import { ROOT, type SpanForest, stepIdAt } from './span-forest.ts'

/** A child in its parent's time, clipped to the parent. */
export interface Child {
  readonly row: number
  readonly startNs: number
  readonly endNs: number
  /** When it left the queue of its group; its start where it was in none. */
  readonly turnNs: number
  /** What was clipped. */
  readonly overhangNs: number
  readonly stepId: string | undefined
  /** Steps it waits for; absent when it waits for all that had ended when it started. */
  readonly waitsFor: ReadonlySet<string> | undefined
}

/** A span and the children it waits for. */
export interface Family {
  readonly startNs: number
  readonly endNs: number
  /** In order of start. */
  readonly children: readonly Child[]
  /** Indices of the children in order of end. */
  readonly byEnd: readonly number[]
  /** By child, what held it in the queue of its group; absent where none of them queued. */
  readonly slotWaits: readonly (SlotWait | undefined)[] | undefined
}

/**
 * `before`: the steps that a step waits for, from the flow's definition. Its edges beat timing, where a step they
 * name did end before. O(n log n).
 */
export function familyAt(
  forest: SpanForest,
  row: number,
  before: ReadonlyMap<string, ReadonlySet<string>> | undefined,
): Family {
  const outer = row === ROOT ? undefined : forest.spans[row]
  const startNs = outer?.startNs ?? 0
  const endNs = outer?.endNs ?? forest.durationNs
  const children = clippedChildren(forest, row, { startNs, endNs, before })
  const byEnd = children
    .map((_, index) => index)
    .sort((a, b) => (children[a]?.endNs ?? 0) - (children[b]?.endNs ?? 0))
  return { startNs, endNs, children, byEnd, slotWaits: slotWaitsOf(children) }
}

/** In order of start; zero-length ones have nothing to give and nothing to wait for. */
function clippedChildren(
  forest: SpanForest,
  row: number,
  outer: {
    readonly startNs: number
    readonly endNs: number
    readonly before: ReadonlyMap<string, ReadonlySet<string>> | undefined
  },
): Child[] {
  const children: Child[] = []
  for (const child of forest.children(row)) {
    const span = forest.spans[child]
    if (span === undefined) continue
    const startNs = Math.max(span.startNs, outer.startNs)
    const endNs = Math.min(span.endNs, outer.endNs)
    if (startNs >= endNs) continue
    const overhangNs = span.endNs - span.startNs - (endNs - startNs)
    const stepId = span.role === 'step' ? stepIdAt(forest, child) : undefined
    const queueNs = forest.run(child)?.phasesNs.queue ?? 0
    children.push({
      row: child,
      startNs,
      endNs,
      turnNs: Math.max(startNs, Math.min(span.startNs + queueNs, endNs)),
      overhangNs,
      stepId,
      waitsFor: outer.before?.get(stepId ?? ''),
    })
  }
  return children.sort((a, b) => a.startNs - b.startNs || a.turnNs - b.turnNs || a.endNs - b.endNs)
}

function slotWaitsOf(children: readonly Child[]): Family['slotWaits'] {
  if (!children.some(({ startNs, turnNs }) => turnNs > startNs)) return undefined
  const steps = children.filter(({ stepId }) => stepId !== undefined)
  const waits = slotWaits(steps)
  const byStep = new Map(steps.map((step, index) => [step, waits[index]]))
  return children.map((child) => byStep.get(child))
}
