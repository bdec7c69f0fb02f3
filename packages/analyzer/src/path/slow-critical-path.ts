import type { Execution, ExecutionSpan } from '../trace/execution.ts'

type Part = [row: number | undefined, startNs: number, endNs: number]

/**
 * The oracle: the critical path as its definition reads, one instant at a time. O(duration x spans x depth).
 *
 * `waitingFor(span, at)`: the span that `span` waits for in the ns before `at`, walking back from its end; of the
 * children that end by `at` the last one, the longest of equals.
 */
export function slowCriticalPath({ spans, durationNs }: Execution): Part[] {
  const instants: (number | undefined)[] = []
  attribute({ spans, row: undefined, startNs: 0, endNs: durationNs, instants })
  const parts: Part[] = []
  const starts = boundaries.get(instants) ?? new Set<number>()
  for (const [at, row] of instants.entries()) {
    const last = parts.at(-1)
    if (last !== undefined && last[0] === row && !starts.has(at)) last[2] = at + 1
    else parts.push([row, at, at + 1])
  }
  return parts
}

/** Where a child was entered or left, so that one span's parts around a child of another stay apart. */
const boundaries = new WeakMap<(number | undefined)[], Set<number>>()

interface Scope {
  readonly spans: readonly ExecutionSpan[]
  readonly row: number | undefined
  readonly startNs: number
  readonly endNs: number
  readonly instants: (number | undefined)[]
}

function attribute({ spans, row, startNs, endNs, instants }: Scope): void {
  const marks = boundaries.get(instants) ?? new Set<number>()
  boundaries.set(instants, marks)
  let at = endNs
  const used = new Set<number>()
  while (at > startNs) {
    const child = lastBefore({ spans, row, startNs, endNs }, at, used)
    if (child === undefined) {
      instants[--at] = row
      continue
    }
    used.add(child.row)
    marks.add(child.startNs)
    marks.add(child.endNs)
    attribute({ spans, row: child.row, startNs: child.startNs, endNs: child.endNs, instants })
    at = child.startNs
  }
}

interface Clipped {
  readonly row: number
  readonly startNs: number
  readonly endNs: number
}

/** The child that ends exactly at `at`, among those that were not running then (at the top: that were). */
function lastBefore(
  { spans, row, startNs, endNs }: Omit<Scope, 'instants'>,
  at: number,
  used: ReadonlySet<number>,
): Clipped | undefined {
  const children = childRows(spans, row)
    .filter((child) => !used.has(child))
    .filter((child) => row === undefined || !spans[child]?.name.startsWith('hold'))
    .map((child) => clip(spans[child], child, startNs, endNs))
    .filter((child) => child.startNs < child.endNs && child.startNs < at)
  const ending = children.filter((child) =>
    row === undefined ? child.endNs >= at : child.endNs === at,
  )
  ending.sort((a, b) => b.endNs - a.endNs || a.startNs - b.startNs || a.row - b.row)
  const first = ending[0]
  return first === undefined ? undefined : { ...first, endNs: Math.min(first.endNs, at) }
}

function childRows(spans: readonly ExecutionSpan[], row: number | undefined): number[] {
  const depth = row === undefined ? 0 : (spans[row]?.depth ?? 0) + 1
  const rows: number[] = []
  for (let at = row === undefined ? 0 : row + 1; at < spans.length; at++) {
    const span = spans[at]
    if (span === undefined || span.depth < depth) break
    if (span.depth === depth) rows.push(at)
  }
  return rows
}

function clip(
  span: ExecutionSpan | undefined,
  row: number,
  startNs: number,
  endNs: number,
): Clipped {
  return {
    row,
    startNs: Math.max(span?.startNs ?? 0, startNs),
    endNs: Math.min(span?.endNs ?? 0, endNs),
  }
}
