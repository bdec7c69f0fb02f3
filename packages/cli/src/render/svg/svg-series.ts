import type { DetectedSeries } from '../../series/detected.ts'
import { levelsOf, shownRange } from '../../series/levels.ts'
import { amount, counted, signedPercent } from '../../text/quantity.ts'
import { element, lines, type Markup, text } from './markup.ts'
import { SHEET } from './sheet.ts'
import { style } from './style.ts'

/** A page of them; those that changed come first. */
const MAX_PANELS = 24
const PANEL_HEIGHT = 230
const PLOT = { top: 62, height: 120, left: 96, right: SHEET.width - SHEET.margin } as const
const TICK_COUNT = 3
/** Labels nearer than this would overlap; their lines are drawn all the same. */
const LABEL_PX = 64

/** From a series to its panel. */
interface Scale {
  x(index: number): number
  y(value: number): number
}

/**
 * Series with their change points as a picture that stands alone, a panel each, for light and dark grounds. Equal
 * series give equal bytes.
 */
export function svgSeries(all: readonly DetectedSeries[]): string {
  const order = [
    ...all.filter(({ changes }) => changes.length > 0),
    ...all.filter(({ changes }) => changes.length === 0),
  ]
  const drawn = order.slice(0, MAX_PANELS)
  const hiddenCount = order.length - drawn.length
  const height = drawn.length * PANEL_HEIGHT + SHEET.footerHeight
  const size = { width: SHEET.width, height, viewBox: `0 0 ${SHEET.width} ${height}` }
  const svg = element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...size, role: 'img', 'aria-labelledby': 'title' },
    lines(
      element('title', { id: 'title' }, text(titleOf(all))),
      style((palette) => [
        `.values { stroke: ${palette.muted}; fill: none; stroke-width: 2.5; stroke-linecap: round; }`,
        `.level { stroke: ${palette.path}; fill: none; stroke-width: 3; }`,
      ]),
      element('rect', { class: 'ground', width: SHEET.width, height }),
      ...drawn.flatMap((one, at) => panel(one, at * PANEL_HEIGHT)),
      ...footer(height, hiddenCount),
    ),
    '\n' as Markup,
  )
  return `${svg}\n`
}

function titleOf(all: readonly DetectedSeries[]): string {
  const count = all.reduce((sum, { changes }) => sum + changes.length, 0)
  return `${counted(count, 'change point')} in ${counted(all.length, 'series', 'series')}`
}

function panel(detected: DetectedSeries, top: number): readonly Markup[] {
  const { series, changes, n } = detected
  const unit = series.unit === undefined ? '' : ` (${series.unit})`
  const found = `${counted(n, 'value')}, ${counted(changes.length, 'change point')}`
  const head = [
    element(
      'text',
      { class: 'title', x: SHEET.margin, y: top + 30 },
      text(`${series.name}${unit}`),
    ),
    element('text', { class: 'number muted', x: PLOT.right, y: top + 30 }, text(found)),
  ]
  const range = shownRange(detected)
  if (range === undefined) return head
  const count = Math.max(2, series.points.length)
  const scale: Scale = {
    x: (index) => PLOT.left + (index / (count - 1)) * (PLOT.right - PLOT.left),
    y: (value) => {
      const share = (range.high - value) / (range.high - range.low)
      return top + PLOT.top + Math.min(1.05, Math.max(-0.05, share)) * PLOT.height
    },
  }
  return [
    ...head,
    ...ticks(range, scale),
    ...ends(detected, top),
    element('path', { class: 'values', d: valuesPath(detected, scale) }),
    element('path', { class: 'level', d: levelsPath(detected, scale) }),
    ...marks(detected, scale, top),
  ]
}

function ticks({ low, high }: { low: number; high: number }, { y }: Scale): readonly Markup[] {
  return Array.from(
    { length: TICK_COUNT },
    (_, at) => low + ((high - low) * at) / (TICK_COUNT - 1),
  ).flatMap((value) => [
    element('line', { class: 'grid', x1: PLOT.left, x2: PLOT.right, y1: y(value), y2: y(value) }),
    element(
      'text',
      { class: 'number muted', x: PLOT.left - 8, y: y(value) + 4 },
      text(amount(value)),
    ),
  ])
}

/** What the first and the last place are: times where they are known, else indices. */
function ends({ series: { points } }: DetectedSeries, top: number): readonly Markup[] {
  const words = (index: number) => {
    const time = points[index]?.time
    if (time === undefined) return `${index}`
    return time.unixMs === undefined ? time.text : new Date(time.unixMs).toISOString().slice(0, 16)
  }
  const y = top + PLOT.top + PLOT.height + 24
  return [
    element('text', { class: 'muted', x: PLOT.left, y }, text(words(0))),
    element('text', { class: 'number muted', x: PLOT.right, y }, text(words(points.length - 1))),
  ]
}

/** A dot for each value; where there are more than pixels, a stroke from the least to the largest of a pixel. */
function valuesPath({ series: { points } }: DetectedSeries, { x, y }: Scale): string {
  const spans = new Map<number, { low: number; high: number }>()
  const isDense = points.length > PLOT.right - PLOT.left
  for (const [index, { value }] of points.entries()) {
    if (!Number.isFinite(value)) continue
    const at = isDense ? Math.round(x(index)) : x(index)
    const span = spans.get(at)
    spans.set(at, {
      low: Math.min(span?.low ?? value, value),
      high: Math.max(span?.high ?? value, value),
    })
  }
  return [...spans]
    .map(([at, { low, high }]) => `M${shown(at)} ${shown(y(high))}V${shown(y(low))}`)
    .join('')
}

function levelsPath(detected: DetectedSeries, { x, y }: Scale): string {
  return levelsOf(detected)
    .map(({ start, end, level }) => `M${shown(x(start))} ${shown(y(level))}H${shown(x(end - 1))}`)
    .join('')
}

function marks({ changes }: DetectedSeries, { x }: Scale, top: number): readonly Markup[] {
  let free = Number.NEGATIVE_INFINITY
  return changes.flatMap(({ index, ratio, difference }) => {
    const at = x(index)
    const [y1, y2] = [top + PLOT.top - 12, top + PLOT.top + PLOT.height + 6]
    const line = element('line', { class: 'end', x1: at, x2: at, y1, y2 })
    if (at < free) return [line]
    free = at + LABEL_PX
    const words = ratio === undefined ? amount(difference?.value ?? 0) : signedPercent(ratio.value)
    return [line, element('text', { x: at + 4, y: y1 + 4 }, text(words))]
  })
}

function footer(height: number, hiddenCount: number): readonly Markup[] {
  const y = height - 18
  const word = (words: string, x: number) => element('text', { class: 'muted', x, y }, text(words))
  const hidden = `… ${counted(hiddenCount, 'further series', 'further series')} not drawn`
  return [
    element('path', { class: 'values', d: `M${SHEET.margin + 6} ${y - 4}V${y - 4}` }),
    word('a value', SHEET.margin + 18),
    element('path', { class: 'level', d: `M${SHEET.margin + 90} ${y - 4}H${SHEET.margin + 112}` }),
    word('the level: median between two changes', SHEET.margin + 120),
    ...(hiddenCount > 0
      ? [element('text', { class: 'number muted', x: SHEET.width - SHEET.margin, y }, text(hidden))]
      : []),
  ]
}

function shown(px: number): string {
  return String(Math.round(px * 100) / 100)
}
