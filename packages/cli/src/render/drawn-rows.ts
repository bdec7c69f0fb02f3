import type { PathSegment } from '@qflow-otel/analyzer'
import type { DrawnExecution, DrawnSpan } from './drawn-execution.ts'

/** A row of a picture: a span, and when the execution was waiting for it. */
export interface DrawnRow {
  readonly span: DrawnSpan
  readonly segments: readonly PathSegment[]
}

/**
 * The rows to draw, in order: all where they fit, else those with the most time on the critical path, with their
 * ancestors. O(n log n).
 */
export function drawnRows(
  { execution, path }: DrawnExecution,
  maxRows: number,
): { rows: readonly DrawnRow[]; hiddenCount: number } {
  const { spans } = execution
  const segments = segmentsByRow(path)
  const shown = chosenRows(spans, segments, maxRows)
  const rows = spans.flatMap((span, index) =>
    shown.has(index) ? [{ span, segments: segments.get(index) ?? [] }] : [],
  )
  return { rows, hiddenCount: spans.length - rows.length }
}

/** The rows of flows and steps say so by their place; their ids need the room. */
export function shortName({ role, name }: DrawnSpan): string {
  return role === 'foreign' ? name : name.replace(/^execute_(flow|step) /, '')
}

function segmentsByRow(path: readonly PathSegment[]): ReadonlyMap<number, readonly PathSegment[]> {
  const groups = new Map<number, PathSegment[]>()
  for (const segment of path) {
    if (segment.spanIndex === undefined) continue
    const group = groups.get(segment.spanIndex)
    if (group === undefined) groups.set(segment.spanIndex, [segment])
    else group.push(segment)
  }
  return groups
}

function chosenRows(
  spans: readonly DrawnSpan[],
  segments: ReadonlyMap<number, readonly PathSegment[]>,
  maxRows: number,
): ReadonlySet<number> {
  const rows = spans.map((_, index) => index)
  if (rows.length <= maxRows) return new Set(rows)
  const weights = spans.map((span, index) => weight(span, segments.get(index) ?? []))
  const kept = new Set<number>()
  for (const row of rows.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0))) {
    const line = lineage(row, { spans, kept, maxRows })
    if (kept.size + line.length <= maxRows) for (const index of line) kept.add(index)
    if (kept.size === maxRows) break
  }
  return kept
}

/** Time on the path counts first, the span's own length breaks ties. */
function weight({ startNs, endNs }: DrawnSpan, segments: readonly PathSegment[]): number {
  const pathNs = segments.reduce((sum, segment) => sum + segment.endNs - segment.startNs, 0)
  return pathNs + (endNs - startNs) * 1e-6
}

/** The row and its ancestors that are not kept yet: parents stand before their children, one level up. */
function lineage(
  row: number,
  picture: { spans: readonly DrawnSpan[]; kept: ReadonlySet<number>; maxRows: number },
): readonly number[] {
  const { spans, kept, maxRows } = picture
  const line: number[] = []
  let depth = Number.POSITIVE_INFINITY
  for (let index = row; index >= 0 && depth > 0 && line.length <= maxRows; index--) {
    const span = spans[index]
    if (span === undefined || span.depth >= depth) continue
    depth = span.depth
    if (kept.has(index)) break
    line.push(index)
  }
  return line
}
