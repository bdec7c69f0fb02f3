import type { FlowDefinition } from '../otlp/span-record.ts'
import type { Execution } from '../trace/execution.ts'
import type { Precedence } from './learn-order.ts'
import { type SlowChild, slowChildren } from './slow-family.ts'

/** What the oracles are told of a flow. */
export interface SlowOrder {
  readonly flow: FlowDefinition | undefined
  /** Steps that the definition or the learner knows. */
  readonly isKnown: (stepId: string) => boolean
  readonly learnt: (earlier: string, later: string) => Precedence
}

/** By row, the known predecessors, sorted: the definition of `dependenciesOf`, read literally. O(spans^2). */
export function slowDependencies(
  execution: Execution,
  order: SlowOrder,
): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, readonly number[]>()
  for (const parent of execution.spans.keys()) {
    const children = slowChildren(execution, parent)
    for (const child of children) {
      const over = children.filter((one) => one.row < child.row && one.endNs <= child.startNs)
      const known = new Set([...linked(execution, child, over), ...defined(child, over, order)])
      const rows = known.size > 0 ? known : learnt(child, over, order)
      if (rows.size > 0)
        found.set(
          child.row,
          [...rows].sort((a, b) => a - b),
        )
    }
  }
  return found
}

function linked({ spans }: Execution, child: SlowChild, over: readonly SlowChild[]): number[] {
  const rows: number[] = []
  for (const link of spans[child.row]?.links ?? []) {
    const isLinked = (span: (typeof spans)[number]): boolean =>
      span.spanId === link.spanId && span.traceId === link.traceId
    for (let row = spans.findIndex(isLinked); row >= 0; row = spans[row]?.parentRow ?? -1)
      if (over.some((one) => one.row === row)) rows.push(row)
  }
  return rows
}

function defined(child: SlowChild, over: readonly SlowChild[], { flow }: SlowOrder): number[] {
  const rows: number[] = []
  for (const step of flow?.steps ?? []) {
    const targets = [step.onSuccess, step.onFailure, step.onTrue, step.onFalse]
    const run = lastRun(over, step.id)
    if (child.stepId !== undefined && targets.includes(child.stepId) && run !== undefined)
      rows.push(run)
  }
  return rows
}

function learnt(child: SlowChild, over: readonly SlowChild[], order: SlowOrder): Set<number> {
  const { stepId } = child
  if (stepId === undefined || !order.isKnown(stepId)) return new Set()
  const ids = over.flatMap((one) => one.stepId ?? []).filter((id) => order.isKnown(id))
  if (!ids.some((id) => order.learnt(id, stepId) === 'first')) return new Set()
  const possible = ids.filter((id) => order.learnt(id, stepId) !== 'refuted')
  return new Set(possible.flatMap((id) => lastRun(over, id) ?? []))
}

/** Of equal ends the later row. */
function lastRun(over: readonly SlowChild[], stepId: string): number | undefined {
  const runs = over.filter((one) => one.stepId === stepId)
  return runs.sort((a, b) => b.endNs - a.endNs || b.row - a.row)[0]?.row
}
