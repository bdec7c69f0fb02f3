import type { Execution } from '../trace/execution.ts'
import { type SlowChild, slowChildren } from './slow-family.ts'

type Part = [row: number | undefined, startNs: number, endNs: number]

/**
 * The oracle: the critical path as its definition reads, one instant at a time. O(duration x spans x depth).
 *
 * Walking back from a span's end, each ns belongs to the child that ended just then, the longest of equals, and from
 * its start on to the last of its known predecessors; to the span itself where there is none.
 */
export function slowCriticalPath(
  execution: Execution,
  known: ReadonlyMap<number, readonly number[]> = new Map(),
): Part[] {
  const walk: Walk = { execution, known, instants: [], marks: new Set() }
  attribute(walk, { row: undefined, startNs: 0, endNs: execution.durationNs })
  const parts: Part[] = []
  for (const [at, row] of walk.instants.entries()) {
    const last = parts.at(-1)
    if (last !== undefined && last[0] === row && !walk.marks.has(at)) last[2] = at + 1
    else parts.push([row, at, at + 1])
  }
  return parts
}

interface Walk {
  readonly execution: Execution
  readonly known: ReadonlyMap<number, readonly number[]>
  readonly instants: (number | undefined)[]
  /** Where a child was entered or left, so that one span's parts around a child of another stay apart. */
  readonly marks: Set<number>
}

interface Scope {
  readonly row: number | undefined
  readonly startNs: number
  readonly endNs: number
}

function attribute(walk: Walk, scope: Scope): void {
  const { execution, known, instants, marks } = walk
  const children = slowChildren(execution, scope.row)
    .map((child) => ({ ...child, startNs: Math.max(child.startNs, scope.startNs) }))
    .filter((child) => child.startNs <= child.endNs)
  const used = new Set<number>()
  let at = scope.endNs
  let next = endingAt(children, scope, at, used)
  while (at > scope.startNs) {
    if (next === undefined) {
      instants[--at] = scope.row
      next = endingAt(children, scope, at, used)
      continue
    }
    const child = next
    const endNs = Math.min(child.endNs, at)
    while (at > endNs) instants[--at] = scope.row
    used.add(child.row)
    if (child.startNs < endNs) {
      marks.add(child.startNs)
      marks.add(endNs)
      attribute(walk, { row: child.row, startNs: child.startNs, endNs })
    }
    at = child.startNs
    const before = known.get(child.row)
    next = before === undefined ? endingAt(children, scope, at, used) : lastOf(children, before)
    // Its predecessors were over before the part of the span that is on the path.
    if (before !== undefined && next === undefined)
      while (at > scope.startNs) instants[--at] = scope.row
  }
}

/** The child that ends exactly at `at`, among those that were not running then (at the top: that were). */
function endingAt(
  children: readonly SlowChild[],
  { row, endNs }: Scope,
  at: number,
  used: ReadonlySet<number>,
): SlowChild | undefined {
  return children
    .map((child) => ({ ...child, endNs: Math.min(child.endNs, endNs) }))
    .filter((child) => !used.has(child.row) && child.startNs < child.endNs && child.startNs < at)
    .filter((child) => (row === undefined ? child.endNs >= at : child.endNs === at))
    .sort((a, b) => b.endNs - a.endNs || a.startNs - b.startNs || a.row - b.row)[0]
}

function lastOf(children: readonly SlowChild[], rows: readonly number[]): SlowChild | undefined {
  return children
    .filter(({ row }) => rows.includes(row))
    .sort((a, b) => b.endNs - a.endNs || a.row - b.row)[0]
}
