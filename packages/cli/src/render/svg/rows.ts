import type { PathSegment } from '@qflow-otel/analyzer'
import { duration } from '../../text/quantity.ts'
import { visible } from '../../text/visible.ts'
import { clipped, widthOf } from '../../text/width.ts'
import { type DrawnRow, shortName } from '../drawn-rows.ts'
import { element, type Markup, text } from './markup.ts'
import { coalesced, rowMiddle, type Scale, SHEET } from './sheet.ts'

const INDENT_PX = 14
/** Deeper levels are drawn at this depth, so that names stay readable. */
const MAX_INDENT_LEVELS = 8
/** A column of a name on average; what is longer all the same is cut at the edge of its column. */
const COLUMN_PX = 6.6
const LEAST_BAR_PX = 1.5
/** With more jumps between rows than this, their lines would cover the picture. */
const MAX_JUMPS = 60

/** A row for each span: name, bar with the part on the critical path, duration. */
export function drawnSpanRows(
  rows: readonly DrawnRow[],
  { scale, hasServices }: { scale: Scale; hasServices: boolean },
): readonly Markup[] {
  return rows.map((row, index) =>
    element(
      'g',
      {},
      element('title', {}, text(titleOf(row))),
      label(row, index, hasServices),
      ...bars(row, index, scale),
      time(row, index),
    ),
  )
}

/** Every other row has a ground of its own: it leads the eye from the name to the bar. */
export function bands(rowCount: number): readonly Markup[] {
  const width = SHEET.width - 2 * SHEET.margin + 16
  return Array.from({ length: Math.ceil(rowCount / 2) }, (_, index) => {
    const box = { y: rowMiddle(2 * index) - SHEET.rowHeight / 2, height: SHEET.rowHeight }
    return element('rect', { class: 'band', x: SHEET.margin - 8, ...box, width, rx: 3 })
  })
}

/** The lines along which the critical path goes on from one span to the next. */
export function jumps(
  path: readonly PathSegment[],
  { rows, scale }: { rows: readonly DrawnRow[]; scale: Scale },
): readonly Markup[] {
  const rowOf = new Map(
    rows.flatMap(({ segments }, row) => segments.map((one) => [one, row] as const)),
  )
  const found: Markup[] = []
  for (const [index, segment] of path.entries()) {
    const [from, to] = [rowOf.get(path[index - 1] ?? segment), rowOf.get(segment)]
    if (from === undefined || to === undefined || from === to) continue
    const at = scale.x(segment.startNs)
    const [y1, y2] = [rowMiddle(from), rowMiddle(to)]
    found.push(element('line', { class: 'jump', x1: at, y1, x2: at, y2 }))
  }
  return found.length > MAX_JUMPS ? [] : found
}

function titleOf({ span, segments }: DrawnRow): string {
  const onPathNs = segments.reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0)
  const waited = onPathNs > 0 ? `, waited for ${duration(onPathNs / 1e6)}` : ''
  const service = span.serviceName === undefined ? '' : ` (${span.serviceName})`
  return `${span.name}${service}: ${duration((span.endNs - span.startNs) / 1e6)}${waited}`
}

function label({ span }: DrawnRow, index: number, hasServices: boolean): Markup {
  const indent = INDENT_PX * Math.min(span.depth, MAX_INDENT_LEVELS)
  const columns = Math.floor((SHEET.labelWidth - indent) / COLUMN_PX)
  const mark = span.isError ? '✕ ' : ''
  const name = clipped(visible(`${mark}${shortName(span)}`), columns)
  const left = columns - widthOf(name) - 2
  const isNamed = hasServices && span.serviceName !== undefined && left >= 4
  const service = isNamed ? [clipped(visible(span.serviceName ?? ''), left)] : []
  return element(
    'text',
    {
      class: span.isError ? 'failed' : undefined,
      x: SHEET.margin + indent,
      y: rowMiddle(index) + 4,
      'clip-path': 'url(#names)',
    },
    text(name),
    ...service.map((one) => element('tspan', { class: 'muted', dx: 8 }, text(one))),
  )
}

function bars({ span, segments }: DrawnRow, index: number, scale: Scale): readonly Markup[] {
  const bar = (kind: string, { startNs, endNs }: { startNs: number; endNs: number }) => {
    const x = Math.min(scale.x(startNs), scale.right - LEAST_BAR_PX)
    return element('rect', {
      class: kind,
      x,
      y: rowMiddle(index) - SHEET.barHeight / 2,
      width: Math.max(LEAST_BAR_PX, scale.x(endNs) - x),
      height: SHEET.barHeight,
      rx: 2,
    })
  }
  return [bar('bar', span), ...coalesced(segments, scale).map((one) => bar('path', one))]
}

function time({ span }: DrawnRow, index: number): Markup {
  const shown = duration((span.endNs - span.startNs) / 1e6)
  const place = { x: SHEET.width - SHEET.margin, y: rowMiddle(index) + 4 }
  return element('text', { class: 'number muted', ...place }, text(shown))
}
