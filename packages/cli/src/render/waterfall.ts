import type { PathSegment } from '@qflow-otel/analyzer'
import { blank, clippedLine, type Line, lineWidth, piece } from '../text/line.ts'
import { count, duration } from '../text/quantity.ts'
import type { DrawnExecution, DrawnSpan } from './drawn-execution.ts'
import type { Layout } from './layout.ts'

/** A screenful; the spans that the execution waited for longest are chosen, with their ancestors. */
const MAX_ROWS = 30
const LABEL_WIDTH = 30
const TIME_WIDTH = 9
/** Deeper levels are drawn at this depth, so that names stay readable. */
const MAX_INDENT_LEVELS = 8

/**
 * The spans of one execution over time, in ASCII: `#` while the execution waited for the span, `-` while it
 * ran beside the critical path. Each cell is a slice of time; what is shorter than a cell still shows.
 *
 *     order            ##----------------------#    182 ms
 *       charge-card      ####                       41.2 ms
 */
export function waterfall(report: DrawnExecution, { width }: Layout): readonly Line[] {
  const { execution, path } = report
  const segments = groupedByRow(path)
  const shown = chosenRows(execution.spans, segments)
  const cellCount = width - LABEL_WIDTH - TIME_WIDTH - 2
  const scale = { cellCount, durationNs: Math.max(1, execution.durationNs) }
  const hidden = execution.spans.length - shown.size
  return [
    ruler(scale),
    ...execution.spans.flatMap((span, index) =>
      shown.has(index) ? [row(span, segments.get(index) ?? [], scale)] : [],
    ),
    [piece('  # on the critical path   - running beside it', 'faint')],
    ...(hidden > 0 ? [[piece(`  ${count(hidden)} shorter spans not drawn`, 'faint')]] : []),
  ]
}

interface Scale {
  readonly cellCount: number
  readonly durationNs: number
}

function row(span: DrawnSpan, segments: readonly PathSegment[], scale: Scale): Line {
  const indent = 2 * Math.min(span.depth, MAX_INDENT_LEVELS)
  const name = [blank(indent), piece(shortName(span), span.isError ? 'bad' : 'plain')]
  const label = clippedLine(name, LABEL_WIDTH)
  const time = duration((span.endNs - span.startNs) / 1e6)
  return [
    ...label,
    blank(LABEL_WIDTH - lineWidth(label) + 1),
    ...bar(span, segments, scale),
    blank(TIME_WIDTH - time.length + 1),
    piece(time, 'faint'),
  ]
}

/** The rows of flows and steps say so by their place; their ids need the room. */
function shortName({ role, name }: DrawnSpan): string {
  return role === 'foreign' ? name : name.replace(/^execute_(flow|step) /, '')
}

function bar(span: DrawnSpan, segments: readonly PathSegment[], scale: Scale): Line {
  const cells = Array.from({ length: scale.cellCount }, () => ' ')
  fill(cells, span, '-', scale)
  for (const segment of segments) fill(cells, segment, '#', scale)
  const runs = cells.join('').match(/#+|-+| +/g) ?? []
  return runs.map((run) => piece(run, run.startsWith('#') ? 'accent' : 'faint', scale.cellCount))
}

function fill(
  cells: string[],
  { startNs, endNs }: { startNs: number; endNs: number },
  mark: string,
  { cellCount, durationNs }: Scale,
): void {
  const cellAt = (ns: number) => (ns / durationNs) * cellCount
  const first = Math.min(cellCount - 1, Math.max(0, Math.floor(cellAt(startNs))))
  const last = Math.min(cellCount, Math.max(first + 1, Math.round(cellAt(endNs))))
  cells.fill(mark, first, last)
}

function ruler({ cellCount, durationNs }: Scale): Line {
  const end = duration(durationNs / 1e6)
  const line = `|0${' '.repeat(Math.max(1, cellCount - 3 - end.length))}${end}|`
  return [blank(LABEL_WIDTH + 1), piece(line, 'faint')]
}

function groupedByRow(path: readonly PathSegment[]): ReadonlyMap<number, readonly PathSegment[]> {
  const groups = new Map<number, PathSegment[]>()
  for (const segment of path) {
    if (segment.spanIndex === undefined) continue
    const group = groups.get(segment.spanIndex)
    if (group === undefined) groups.set(segment.spanIndex, [segment])
    else group.push(segment)
  }
  return groups
}

/** All rows where they fit; else those with the most time on the path, with their ancestors. */
function chosenRows(
  spans: readonly DrawnSpan[],
  segments: ReadonlyMap<number, readonly PathSegment[]>,
): ReadonlySet<number> {
  const rows = spans.map((_, index) => index)
  if (rows.length <= MAX_ROWS) return new Set(rows)
  const weights = spans.map((span, index) => weight(span, segments.get(index) ?? []))
  const kept = new Set<number>()
  for (const row of rows.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0))) {
    const line = lineage(row, { spans, kept })
    if (kept.size + line.length <= MAX_ROWS) for (const index of line) kept.add(index)
    if (kept.size === MAX_ROWS) break
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
  { spans, kept }: { spans: readonly DrawnSpan[]; kept: ReadonlySet<number> },
): readonly number[] {
  const line: number[] = []
  let depth = Number.POSITIVE_INFINITY
  for (let index = row; index >= 0 && depth > 0 && line.length <= MAX_ROWS; index--) {
    const span = spans[index]
    if (span === undefined || span.depth >= depth) continue
    depth = span.depth
    if (kept.has(index)) break
    line.push(index)
  }
  return line
}
