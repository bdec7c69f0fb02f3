import { counted, duration, moment } from '../../text/quantity.ts'
import type { DrawnExecution } from '../drawn-execution.ts'
import { drawnRows } from '../drawn-rows.ts'
import { pathSentence } from '../path-words.ts'
import { axisTicksNs, tickText } from './axis.ts'
import { element, lines, type Markup, text } from './markup.ts'
import { bands, drawnSpanRows, jumps } from './rows.ts'
import { type Scale, SHEET, scaleOf } from './sheet.ts'
import { strip } from './strip.ts'
import { style } from './style.ts'

/** As many as a page holds; those that the execution waited for longest are chosen, with their ancestors. */
const MAX_ROWS = 60
const MAX_TICKS = 10

/**
 * One execution over time as a picture that stands alone, for light and dark grounds: its critical path in one line,
 * then a row for each span, marked where it was on the path. Equal executions give equal bytes.
 */
export function svgWaterfall(report: DrawnExecution): string {
  const { execution, path } = report
  const { rows, hiddenCount } = drawnRows(report, MAX_ROWS)
  const totalNs = rows.reduce((end, { span }) => Math.max(end, span.endNs), execution.durationNs)
  const scale = scaleOf(totalNs)
  const bottom = SHEET.rowsY + rows.length * SHEET.rowHeight
  const height = bottom + SHEET.footerHeight
  const hasServices = new Set(rows.map(({ span }) => span.serviceName)).size > 1
  const size = { width: SHEET.width, height, viewBox: `0 0 ${SHEET.width} ${height}` }
  const names = { x: 0, y: 0, width: SHEET.margin + SHEET.labelWidth, height }
  const svg = element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...size, role: 'img', 'aria-labelledby': 'title words' },
    lines(
      element('title', { id: 'title' }, text(titleOf(report))),
      element('desc', { id: 'words' }, text(pathSentence(report) ?? '', 1_000)),
      style(),
      element('clipPath', { id: 'names' }, element('rect', names)),
      element('rect', { class: 'ground', width: SHEET.width, height }),
      ...header(report),
      ...strip(report, scale),
      ...bands(rows.length),
      ...drawnPauses(report, scale, bottom),
      ...axis(scale, bottom),
      ...drawnSpanRows(rows, { scale, hasServices }),
      ...jumps(path, { rows, scale }),
      ...endLine(execution.durationNs, scale, bottom),
      ...footer(bottom, hiddenCount),
    ),
    '\n' as Markup,
  )
  return `${svg}\n`
}

function titleOf({ execution }: DrawnExecution): string {
  return `${execution.flowId} took ${duration(execution.durationNs / 1e6)}`
}

function header({ execution }: DrawnExecution): readonly Markup[] {
  const { flowId, flowVersion, executionId, durationNs, startUnixNs, spanCount } = execution
  const version = flowVersion === undefined ? [] : [`v${flowVersion}`]
  const failure = execution.errorType === undefined ? '' : ` (${execution.errorType})`
  const status = execution.status ?? (execution.closeReason === undefined ? 'running' : 'ended')
  const facts = [executionId, ...version, moment(startUnixNs), counted(spanCount, 'span')]
  const isBad = execution.errorType !== undefined || status === 'failed'
  const right = SHEET.width - SHEET.margin
  return [
    element('text', { class: 'title', x: SHEET.margin, y: SHEET.titleY }, text(flowId, 90)),
    element(
      'text',
      { class: 'muted', x: SHEET.margin, y: SHEET.subtitleY },
      text(facts.join(' · '), 400),
    ),
    element(
      'text',
      { class: 'title number', x: right, y: SHEET.titleY },
      text(duration(durationNs / 1e6)),
    ),
    element(
      'text',
      { class: isBad ? 'number failed' : 'number muted', x: right, y: SHEET.subtitleY },
      text(`${status}${failure}`),
    ),
  ]
}

function axis({ totalNs, x }: Scale, bottom: number): readonly Markup[] {
  return axisTicksNs(totalNs, MAX_TICKS).flatMap((ns) => [
    element('line', { class: 'grid', x1: x(ns), y1: SHEET.axisY - 12, x2: x(ns), y2: bottom }),
    element('text', { class: 'muted', x: x(ns) + 5, y: SHEET.axisY }, text(tickText(ns, totalNs))),
  ])
}

function drawnPauses({ path }: DrawnExecution, { x }: Scale, bottom: number): readonly Markup[] {
  return path
    .filter(({ phase }) => phase === 'paused')
    .map(({ startNs, endNs }) => {
      const box = { x: x(startNs), y: SHEET.stripY, width: x(endNs) - x(startNs) }
      const title = element('title', {}, text(`paused ${duration((endNs - startNs) / 1e6)}`))
      return element('rect', { class: 'pause', ...box, height: bottom - SHEET.stripY }, title)
    })
}

/** Where the execution ended, when a span went on after it. */
function endLine(durationNs: number, { totalNs, x }: Scale, bottom: number): readonly Markup[] {
  if (totalNs <= durationNs || durationNs === 0) return []
  const at = x(durationNs)
  return [element('line', { class: 'end', x1: at, y1: SHEET.axisY - 12, x2: at, y2: bottom })]
}

function footer(bottom: number, hiddenCount: number): readonly Markup[] {
  const y = bottom + 28
  const swatch = (kind: string, x: number) =>
    element('rect', { class: kind, x, y: y - 9, width: 18, height: 10, rx: 2 })
  const word = (words: string, x: number) => element('text', { class: 'muted', x, y }, text(words))
  const hidden = `… ${counted(hiddenCount, 'shorter span')} not drawn`
  const place = { class: 'number muted', x: SHEET.width - SHEET.margin, y }
  return [
    swatch('path', SHEET.margin),
    word('the execution was waiting for it: the critical path', SHEET.margin + 26),
    swatch('bar', SHEET.margin + 340),
    word('it ran beside the critical path', SHEET.margin + 366),
    ...(hiddenCount > 0 ? [element('text', place, text(hidden))] : []),
  ]
}
