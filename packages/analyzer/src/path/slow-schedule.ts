import type { Execution } from '../trace/execution.ts'
import { type SlowChild, slowChildren } from './slow-family.ts'

type Known = ReadonlyMap<number, readonly number[]>

/** What a span takes instead of what it took, given what its children let it take. */
type Change = (row: number, ns: number) => number

/**
 * How long the execution would take if spans took other times: every span starts when what it waited for is over, after
 * the same gap, and ends when its children are, after the same rest. Read literally; without slots of groups.
 */
export function slowDuration(execution: Execution, known: Known, change: Change): number {
  return scheduled(execution, undefined, known, change)
}

function scheduled(
  execution: Execution,
  parent: number | undefined,
  known: Known,
  change: Change,
): number {
  const outer = parent === undefined ? undefined : execution.spans[parent]
  const startNs = outer?.startNs ?? 0
  const endNs = outer?.endNs ?? execution.durationNs
  const children = slowChildren(execution, parent)
  const newEnds = new Map<number, number>()
  const newEndOf = ({ row }: { readonly row: number }): number => newEnds.get(row) ?? 0
  for (const child of children) {
    const waitedFor = waits(child, children, known)
    const joinNs = Math.max(startNs, ...waitedFor.map((one) => one.endNs))
    const newJoinNs = Math.max(0, ...waitedFor.map(newEndOf))
    const span = execution.spans[child.row]
    const wholeNs = (span?.endNs ?? 0) - (span?.startNs ?? 0)
    const clippedNs = wholeNs - (child.endNs - child.startNs)
    const takesNs = change(child.row, scheduled(execution, child.row, known, change))
    const newStartNs = newJoinNs + child.startNs - joinNs
    newEnds.set(child.row, newStartNs + Math.max(0, takesNs - clippedNs))
  }
  const lasting = children.filter(isLasting)
  const lastNs = Math.max(startNs, ...lasting.map((one) => one.endNs))
  return Math.max(0, ...lasting.map(newEndOf)) + endNs - lastNs
}

function waits(child: SlowChild, children: readonly SlowChild[], known: Known): SlowChild[] {
  const rows = known.get(child.row)
  if (rows !== undefined) return children.filter(({ row }) => rows.includes(row))
  return children.filter((one) => isLasting(one) && one.endNs <= child.startNs)
}

function isLasting({ startNs, endNs }: SlowChild): boolean {
  return startNs < endNs
}
