import type { PathSegment } from '../path/path-segment.ts'
import type { Execution, ExecutionSpan } from '../trace/execution.ts'

/** A span in a lane, with the spans that stand within it there. */
export interface Bracket {
  readonly row: number
  /** In order of time; each ends before the next starts, and all lie within this span. */
  readonly inner: readonly Bracket[]
}

/** Brackets one after the other. */
export type Lane = readonly Bracket[]

/** Where each span of an execution is drawn. */
export interface Lanes {
  /** The first has the top level and the critical path; the others what runs beside them. */
  readonly lanes: readonly Lane[]
  /** Spans for which no lane was left. */
  readonly unplacedSpanCount: number
}

/** More things at once than a person looks at; each lane is a profile to choose from. */
const MAX_LANES = 128

const TOP = -1

/**
 * Spans -> stacks that are properly bracketed. A span stays with its parent while it lies within it and overlaps none
 * of its siblings there; of siblings that overlap, those on the critical path stay, then the earlier ones. All others
 * go, with what stands within them, to the first further lane that is free at their start. O(n log n), no recursion.
 *
 *     GET      ==========        lane 0  GET( SELECT()  POST()    )
 *       SELECT  ===              lane 1            audit( write() )
 *       audit      ======
 *         write      ==
 *       POST       ====
 */
export function lanesOf({ spans }: Execution, path: readonly PathSegment[]): Lanes {
  const brackets = spans.map((_, row) => ({ row, inner: [] as Bracket[] }))
  const isOnPath = rowsOnPath(spans, path)
  const main: Bracket[] = []
  const beside: number[] = []
  for (const [parent, children] of childrenByParent(spans)) {
    const inner = parent === TOP ? main : (brackets[parent]?.inner ?? [])
    for (const { row, stays } of placed({ spans, parent, children, isOnPath })) {
      const bracket = brackets[row]
      if (stays && bracket !== undefined) inner.push(bracket)
      else beside.push(row)
    }
  }
  return withFurtherLanes(main, { beside, spans, brackets })
}

/** Each span as often as it was placed: the rows of a bracket, itself first. */
export function bracketRows(bracket: Bracket): number[] {
  const rows: number[] = []
  const open = [bracket]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    rows.push(one.row)
    for (const inner of one.inner) open.push(inner)
  }
  return rows
}

/** 1 for spans with a segment of the path in them or below them. */
function rowsOnPath(spans: readonly ExecutionSpan[], path: readonly PathSegment[]): Uint8Array {
  const isOnPath = new Uint8Array(spans.length)
  for (const { spanIndex } of path) if (spanIndex !== undefined) isOnPath[spanIndex] = 1
  // Parents stand before their children.
  for (let row = spans.length - 1; row >= 0; row--) {
    const parent = spans[row]?.parentRow ?? TOP
    if (isOnPath[row] === 1 && parent !== TOP) isOnPath[parent] = 1
  }
  return isOnPath
}

/** Children in order of (start, end, row): rows count an unended span's end as none, and times before the start as 0. */
function childrenByParent(spans: readonly ExecutionSpan[]): Map<number, number[]> {
  const children = new Map<number, number[]>()
  for (const [row, { parentRow }] of spans.entries()) {
    const siblings = children.get(parentRow)
    if (siblings === undefined) children.set(parentRow, [row])
    else siblings.push(row)
  }
  const startOf = (row: number) => spans[row]?.startNs ?? 0
  const endOf = (row: number) => spans[row]?.endNs ?? 0
  for (const rows of children.values())
    rows.sort((a, b) => startOf(a) - startOf(b) || endOf(a) - endOf(b) || a - b)
  return children
}

interface Family {
  readonly spans: readonly ExecutionSpan[]
  readonly parent: number
  readonly children: readonly number[]
  readonly isOnPath: Uint8Array
}

/** The children in order of time, and which of them stay with their parent. */
function placed({ spans, parent, children, isOnPath }: Family): { row: number; stays: boolean }[] {
  const outer = spans[parent]
  const fits = (row: number) => outer === undefined || isWithin(spans[row], outer)
  const first = withoutOverlap(
    spans,
    children.filter((row) => isOnPath[row] === 1 && fits(row)),
  )
  const others = children.filter((row) => isOnPath[row] !== 1 && fits(row))
  const stays = new Set([...first, ...withoutOverlap(spans, others, first)])
  return children.map((row) => ({ row, stays: stays.has(row) }))
}

function isWithin(span: ExecutionSpan | undefined, outer: ExecutionSpan): boolean {
  return span !== undefined && span.startNs >= outer.startNs && span.endNs <= outer.endNs
}

/** Of rows in order of start those that follow on each other, and overlap none of `taken`, which do so too. O(n). */
function withoutOverlap(
  spans: readonly ExecutionSpan[],
  rows: readonly number[],
  taken: readonly number[] = [],
): number[] {
  const kept: number[] = []
  let freeFromNs = 0
  let next = 0
  for (const row of rows) {
    const span = spans[row]
    if (span === undefined || span.startNs < freeFromNs) continue
    while ((spans[taken[next] ?? -1]?.endNs ?? Number.POSITIVE_INFINITY) <= span.startNs) next++
    if (span.endNs > (spans[taken[next] ?? -1]?.startNs ?? Number.POSITIVE_INFINITY)) continue
    kept.push(row)
    freeFromNs = span.endNs
  }
  return kept
}

function withFurtherLanes(
  main: Lane,
  rest: {
    readonly beside: readonly number[]
    readonly spans: readonly ExecutionSpan[]
    readonly brackets: readonly Bracket[]
  },
): Lanes {
  const { beside, spans, brackets } = rest
  const startOf = (row: number) => spans[row]?.startNs ?? 0
  const endOf = (row: number) => spans[row]?.endNs ?? 0
  const lanes: Bracket[][] = []
  const freeFromNs: number[] = []
  let unplacedSpanCount = 0
  // Of equal starts the longest first, so that the first lanes show the most.
  const inOrder = beside.toSorted((a, b) => startOf(a) - startOf(b) || endOf(b) - endOf(a) || a - b)
  for (const row of inOrder) {
    const bracket = brackets[row]
    if (bracket === undefined) continue
    const free = freeFromNs.findIndex((ns) => ns <= startOf(row))
    const lane = free === -1 ? lanes.length : free
    if (lane + 1 >= MAX_LANES) {
      unplacedSpanCount += bracketRows(bracket).length
      continue
    }
    freeFromNs[lane] = endOf(row)
    if (lane === lanes.length) lanes.push([bracket])
    else lanes[lane]?.push(bracket)
  }
  return { lanes: [main, ...lanes], unplacedSpanCount }
}
