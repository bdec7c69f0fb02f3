import { blank, clippedLine, EMPTY_LINE, type Line, lineWidth } from './line.ts'

interface Column {
  readonly align: 'left' | 'right'
  /** This column gives way when the table is too wide. */
  readonly isFlexible?: boolean
}

/** Cells by row and column; a row may have fewer than there are columns. */
export interface Table {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Line[])[]
  readonly width: number
  readonly indent: number
}

const GAP = 2
/** A flexible column keeps at least this much, so that names stay recognisable. */
const MIN_FLEXIBLE_WIDTH = 8

/** Rows aligned in columns, two blanks between them, within `width` as far as flexible columns can give. */
export function table({ columns, rows, width, indent }: Table): readonly Line[] {
  const wanted = columns.map((_, at) => Math.max(0, ...rows.map((row) => lineWidth(row[at] ?? []))))
  const excess = indent + sum(wanted) + GAP * (columns.length - 1) - width
  const widths = shrunk({ columns, wanted, excess })
  return rows.map((row) =>
    columns.flatMap((column, at) => {
      const room = widths[at] ?? 0
      const cell = clippedLine(row[at] ?? EMPTY_LINE, room)
      const pad = blank(room - lineWidth(cell))
      const lead = blank(at === 0 ? indent : GAP)
      return column.align === 'right' ? [lead, pad, ...cell] : [lead, ...cell, pad]
    }),
  )
}

/** Takes the excess from the widest flexible column, one column at a time. */
function shrunk(layout: {
  columns: readonly Column[]
  wanted: readonly number[]
  excess: number
}): readonly number[] {
  const widths = [...layout.wanted]
  for (let left = layout.excess; left > 0; left--) {
    const flexible = widths.map((width, at) => (layout.columns[at]?.isFlexible ? width : 0))
    const widest = Math.max(0, ...flexible)
    if (widest <= MIN_FLEXIBLE_WIDTH) break
    widths[flexible.indexOf(widest)] = widest - 1
  }
  return widths
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
