import type { DetectedSeries } from '../series/detected.ts'
import { levelsOf, shownRange } from '../series/levels.ts'
import { blank, type Line, piece, type Tone } from '../text/line.ts'
import { amount } from '../text/quantity.ts'

/** High enough to tell a step of an eighth of the range. */
const ROW_COUNT = 9
const MIN_CELL_COUNT = 20

interface Cell {
  readonly mark: string
  readonly tone: Tone
}

/**
 * A series over its order: `·` where values are, `━` the level between changes, `▲` under the first value of a new
 * one, by its number. What lies outside the range drawn (1 % at either end) stands as `^` or `v` at its edge.
 *
 *     160 ┤        ·━━·━━━
 *         │     · ┊·
 *     100 ┤━·━━━━━┊
 *         └───────▲───────
 *                 1
 */
export function seriesChart(detected: DetectedSeries, width: number): readonly Line[] {
  const range = shownRange(detected)
  if (range === undefined) return []
  const labels = [amount(range.high), amount(range.low)]
  const labelWidth = Math.max(...labels.map(({ length }) => length))
  const cellCount = Math.max(MIN_CELL_COUNT, width - labelWidth - 4)
  const cells = drawn(detected, { ...range, cellCount })
  const rows = cells.map((row, at): Line => {
    const isEnd = at === 0 || at === ROW_COUNT - 1
    const label = at === 0 ? labels[0] : at === ROW_COUNT - 1 ? labels[1] : ''
    const axis = `${(label ?? '').padStart(labelWidth + 1)} ${isEnd ? '┤' : '│'}`
    return [piece(axis, 'faint'), ...runs(row)]
  })
  return [...rows, ...foot(detected, { labelWidth, cellCount })]
}

function drawn(
  detected: DetectedSeries,
  { low, high, cellCount }: { low: number; high: number; cellCount: number },
): Cell[][] {
  const { points } = detected.series
  const rows = Array.from({ length: ROW_COUNT }, () =>
    Array.from({ length: cellCount }, (): Cell => ({ mark: ' ', tone: 'plain' })),
  )
  const column = (index: number) => columnOf(index, points.length, cellCount)
  const rowOf = (value: number) => Math.round(((high - value) / (high - low)) * (ROW_COUNT - 1))
  const put = (row: number, at: number, cell: Cell) => {
    const cells = rows[row]
    if (cells !== undefined) cells[at] = cell
  }
  for (const { index } of detected.changes)
    for (let row = 0; row < ROW_COUNT; row += 1)
      put(row, column(index), { mark: '┊', tone: 'faint' })
  for (const { start, end, level } of levelsOf(detected)) {
    const row = Math.min(Math.max(rowOf(level), 0), ROW_COUNT - 1)
    const last = end === points.length ? cellCount : column(end)
    for (let at = column(start); at < Math.max(last, column(start) + 1); at += 1)
      put(row, at, { mark: '━', tone: 'accent' })
  }
  for (const [index, { value }] of points.entries()) {
    if (!Number.isFinite(value)) continue
    const row = rowOf(value)
    const mark = row < 0 ? '^' : row >= ROW_COUNT ? 'v' : '·'
    const at = Math.min(Math.max(row, 0), ROW_COUNT - 1)
    const isFree = rows[at]?.[column(index)]?.mark !== '━'
    if (isFree) put(at, column(index), { mark, tone: 'plain' })
  }
  return rows
}

/** The axis with a mark under each change, and their numbers as far as there is room. */
function foot(
  { changes, series }: DetectedSeries,
  { labelWidth, cellCount }: { labelWidth: number; cellCount: number },
): readonly Line[] {
  const axis = Array.from({ length: cellCount }, () => '─')
  const numbers = Array.from({ length: cellCount }, () => ' ')
  let free = 0
  for (const [at, { index }] of changes.entries()) {
    const column = columnOf(index, series.points.length, cellCount)
    axis[column] = '▲'
    const text = `${at + 1}`
    if (column < free || column + text.length > cellCount) continue
    for (const [offset, digit] of [...text].entries()) numbers[column + offset] = digit
    free = column + text.length + 1
  }
  const line: Line = [blank(labelWidth + 2), piece(`└${axis.join('')}`, 'faint', cellCount + 1)]
  if (changes.length === 0) return [line]
  return [line, [blank(labelWidth + 3), piece(numbers.join('').trimEnd(), 'strong', cellCount)]]
}

/** Cells of one tone are one piece. */
function runs(cells: readonly Cell[]): Line {
  const line: { text: string; tone: Tone }[] = []
  for (const { mark, tone } of cells) {
    const last = line.at(-1)
    if (last?.tone === tone) last.text += mark
    else line.push({ text: mark, tone })
  }
  return line.map(({ text, tone }) => piece(text, tone, cells.length))
}

function columnOf(index: number, count: number, cellCount: number): number {
  return count <= cellCount ? index : Math.floor((index * cellCount) / count)
}
