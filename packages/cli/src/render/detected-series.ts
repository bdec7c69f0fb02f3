import type { DetectedChange, DetectedSeries } from '../series/detected.ts'
import { clippedLine, EMPTY_LINE, type Line, lineWidth, piece } from '../text/line.ts'
import { amount, counted, estimate, percent } from '../text/quantity.ts'
import { table } from '../text/table.ts'
import { wrapped } from '../text/wrapped.ts'
import type { Layout } from './layout.ts'
import { seriesChart } from './series-chart.ts'

/** A person reads the first pages; `--json` has all. */
const MAX_DRAWN_SERIES = 20

/** On less, the levels are left to the picture. */
const LEVELS_WIDTH = 76

/** An effect without the kind of its interval says too little. */
const EFFECT_TITLE = 'effect (95 %)'

/** Series with their changes: those that changed are drawn first, the others are named. */
export function detectedLines(
  all: readonly DetectedSeries[],
  layout: Layout & { readonly chartWidth: number },
): readonly Line[] {
  const changed = all.filter(({ changes }) => changes.length > 0)
  const drawn = (changed.length === 0 ? all : changed).slice(0, MAX_DRAWN_SERIES)
  const notDrawn = changed.length - drawn.length
  const still = all.filter((one) => one.changes.length === 0 && !drawn.includes(one))
  return [
    ...drawn.flatMap((one) => [...seriesLines(one, layout), EMPTY_LINE]),
    ...(notDrawn > 0
      ? [
          [
            piece(
              `${counted(notDrawn, 'further changed series', 'further changed series')} not drawn; --json has all`,
              'faint',
            ),
          ],
        ]
      : []),
    ...stillLines(still, layout),
  ]
}

/** One series: what it is, its picture, its changes. */
function seriesLines(
  detected: DetectedSeries,
  { width, chartWidth }: Layout & { readonly chartWidth: number },
): readonly Line[] {
  const { series, changes } = detected
  const room = Math.max(width, chartWidth)
  const unit = series.unit === undefined ? '' : ` (${series.unit})`
  return [
    clippedLine(
      [piece(`${series.name}${unit}`, 'strong'), piece(`  ${facts(detected)}`, 'faint')],
      room,
    ),
    ...seriesChart(detected, chartWidth),
    ...(changes.length === 0
      ? wrapped({ text: 'no change point', width, indent: 2 })
      : changesTable(changes, room)),
  ]
}

function facts({ n, skippedCount, noise, drift }: DetectedSeries): string {
  const parts = [counted(n, 'value')]
  if (skippedCount > 0) parts.push(`${counted(skippedCount, 'place')} without one`)
  if (noise !== undefined)
    parts.push(`noise ${noise.isRatio ? percent(noise.deviation) : amount(noise.deviation)}`)
  if (drift !== undefined)
    parts.push(`drift over ${noise?.isRatio === true ? percent(drift) : amount(drift)}`)
  return parts.join(', ')
}

function changesTable(changes: readonly DetectedChange[], width: number): readonly Line[] {
  const isOnline = changes.some(({ toldIndex }) => toldIndex !== undefined)
  const hasPlace = changes.some(({ time, label }) => time !== undefined || label !== undefined)
  const hasLevels = width >= LEVELS_WIDTH
  const levels = hasLevels ? ['from', 'to'] : []
  const head = ['#', 'index', ...(hasPlace ? ['when'] : []), EFFECT_TITLE, ...levels, 'n']
  const last = isOnline ? ['told at', 'over at'] : ['confidence']
  const rows = changes.map((one, at) => [
    [piece(`${at + 1}`, 'strong')],
    [piece(`${one.index}`)],
    ...(hasPlace ? [[piece(placeText(one))]] : []),
    [piece(effectText(one), 'accent')],
    ...(hasLevels ? [[piece(amount(one.before))], [piece(amount(one.after))]] : []),
    [piece(`${one.n}`, 'faint')],
    ...(isOnline
      ? [[piece(`${one.toldIndex ?? ''}`)], [piece(`${one.overIndex ?? '–'}`)]]
      : [[piece(confidenceText(one.confidence ?? 0))]]),
  ])
  const titles = [...head, ...last].map((text) => [piece(text, 'faint')])
  const columns = titles.map((cell) => ({
    align: ['when', EFFECT_TITLE].includes(cell[0]?.text ?? '')
      ? ('left' as const)
      : ('right' as const),
    isFlexible: cell[0]?.text === 'when',
  }))
  const drawn = table({ columns, rows: [titles, ...rows], width, indent: 2 })
  return drawn.filter((line) => lineWidth(line) > 0)
}

/** Of an effect on values that can be negative only the difference says something. */
function effectText({ ratio, difference, n }: DetectedChange): string {
  if (ratio !== undefined) return `${ratio.value > 0 ? '+' : ''}${estimate({ ...ratio, n })}`
  if (difference === undefined) return ''
  const { value, low, high } = difference
  return `${signed(value)} (${signed(low)} to ${signed(high)})`
}

function signed(value: number): string {
  return value > 0 ? `+${amount(value)}` : amount(value)
}

function placeText({ time, label }: DetectedChange): string {
  const when =
    time?.unixMs === undefined
      ? time?.text
      : new Date(time.unixMs).toISOString().slice(0, 16).replace('T', ' ')
  return [when, label].filter((text) => text !== undefined).join(' ')
}

/** Never rounded up to certainty. */
function confidenceText(confidence: number): string {
  return confidence > 0.9999
    ? '>99.99 %'
    : `${(Math.floor(confidence * 10_000) / 100).toFixed(2)} %`
}

function stillLines(still: readonly DetectedSeries[], { width }: Layout): readonly Line[] {
  if (still.length === 0) return []
  const names = still
    .slice(0, MAX_DRAWN_SERIES)
    .map(({ series, n }) => `${series.name} (${counted(n, 'value')})`)
  const more = still.length > names.length ? ` and ${still.length - names.length} more` : ''
  const text = `no change point in ${names.join(', ')}${more}`
  return wrapped({ text, width, indent: 0, tone: 'faint' })
}
