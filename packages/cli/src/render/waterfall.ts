import type { PathSegment } from '@qflow-otel/analyzer'
import { blank, clippedLine, type Line, lineWidth, piece } from '../text/line.ts'
import { counted, duration } from '../text/quantity.ts'
import type { DrawnExecution, DrawnSpan } from './drawn-execution.ts'
import { type DrawnRow, drawnRows, shortName } from './drawn-rows.ts'
import type { Layout } from './layout.ts'

/** A screenful. */
const MAX_ROWS = 30
const MAX_LABEL_WIDTH = 30
/** On a narrow terminal names give way to the picture. */
const LABEL_RATIO = 0.4
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
export function waterfall(
  report: DrawnExecution,
  { width }: Layout,
  maxRows: number = MAX_ROWS,
): readonly Line[] {
  const { rows, hiddenCount } = drawnRows(report, maxRows)
  const labelWidth = Math.min(MAX_LABEL_WIDTH, Math.floor(width * LABEL_RATIO))
  const cellCount = width - labelWidth - TIME_WIDTH - 2
  const scale = { labelWidth, cellCount, durationNs: Math.max(1, report.execution.durationNs) }
  return [
    ruler(scale),
    ...rows.map((one) => row(one, scale)),
    [piece('  # on the critical path   - running beside it', 'faint')],
    ...(hiddenCount > 0
      ? [[piece(`  ${counted(hiddenCount, 'shorter span')} not drawn`, 'faint')]]
      : []),
  ]
}

interface Scale {
  readonly labelWidth: number
  readonly cellCount: number
  readonly durationNs: number
}

function row({ span, segments }: DrawnRow, scale: Scale): Line {
  const indent = 2 * Math.min(span.depth, MAX_INDENT_LEVELS)
  const name = [blank(indent), piece(shortName(span), span.isError ? 'bad' : 'plain')]
  const label = clippedLine(name, scale.labelWidth)
  const time = duration((span.endNs - span.startNs) / 1e6)
  return [
    ...label,
    blank(scale.labelWidth - lineWidth(label) + 1),
    ...bar(span, segments, scale),
    blank(TIME_WIDTH - time.length + 1),
    piece(time, 'faint'),
  ]
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

function ruler({ labelWidth, cellCount, durationNs }: Scale): Line {
  const end = duration(durationNs / 1e6)
  const line = `|0${' '.repeat(Math.max(1, cellCount - 3 - end.length))}${end}|`
  return [blank(labelWidth + 1), piece(line, 'faint')]
}
