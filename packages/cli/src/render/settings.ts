import {
  type DetectionDelay,
  type DetectionSettings,
  detectionSettings,
  MAX_DELAY_COUNT,
} from '@qflow-otel/analyzer'
import { EMPTY_LINE, type Line, piece } from '../text/line.ts'
import { count, counted, duration, percent } from '../text/quantity.ts'
import { table } from '../text/table.ts'
import { wrapped } from '../text/wrapped.ts'
import type { Layout } from './layout.ts'

/** A flow and what the settings mean for it. */
export interface ExplainedFlow {
  readonly flowId: string
  readonly executionsPerHour: number
  /** Remembered executions of the present level. */
  readonly executionCount: number
  /** Absent where too few are known to simulate others, or nothing is judged. */
  readonly delays: readonly DetectionDelay[] | undefined
}

const MS_PER_HOUR = 3_600_000

/** What the settings of the detection buy, in words and for each flow in figures. */
export function settingsLines(
  known: {
    readonly settings: DetectionSettings
    readonly flows: readonly ExplainedFlow[]
    readonly leftCount: number
  },
  layout: Layout,
): readonly Line[] {
  const { settings, flows, leftCount } = known
  const left = leftCount > 0 ? `${counted(leftCount, 'more flow')}: name one with --flow ID` : ''
  return [
    [piece('Settings of the detection', 'strong')],
    ...settingTable(settings, layout),
    EMPTY_LINE,
    ...wrapped({ text: promise(settings), width: layout.width, indent: 2 }),
    ...flows.flatMap((flow) => [EMPTY_LINE, ...flowLines(flow, settings, layout)]),
    ...(flows.length === 0
      ? [EMPTY_LINE, [piece('No flow is known yet whose delays could be measured.', 'faint')]]
      : []),
    ...(left === '' ? [] : [EMPTY_LINE, [piece(left, 'faint')]]),
  ]
}

function settingTable(settings: DetectionSettings, { width }: Layout): readonly Line[] {
  const rows = detectionSettings.map(({ name, unit }) => {
    const value = settings[name]
    const shown = typeof value === 'number' && Number.isInteger(value) ? count(value) : `${value}`
    const of = unit === undefined || unit === 'ratio' ? '' : ` ${unit}`
    return [[piece(name)], [piece(`${shown}${of}`, 'strong')]]
  })
  return table({ columns: [{ align: 'left' }, { align: 'left' }], rows, width, indent: 2 })
}

function promise(settings: DetectionSettings): string {
  if (!settings.enableDetection) return 'Detection is off: no change is looked for.'
  const { falseAlarmBudgetExecutions, alertThreshold, minSampleSize, windowSize } = settings
  return (
    `At most one false alarm in ${count(falseAlarmBudgetExecutions)} executions of a flow, over all its steps and metrics. ` +
    `Told is what changed by more than ${percent(alertThreshold)} beyond doubt (its 95 % interval lies beyond that); ` +
    `of failures what rose or fell by ${percent(alertThreshold / 10)} of the executions, of traffic what grew by ${percent(alertThreshold * 5)} or fell as far. ` +
    `A flow is learned for ${counted(minSampleSize, 'execution')}; a change is over when its last ${counted(windowSize, 'execution')} are as before.`
  )
}

function flowLines(
  flow: ExplainedFlow,
  settings: DetectionSettings,
  layout: Layout,
): readonly Line[] {
  const { flowId, executionsPerHour, executionCount, delays } = flow
  const rate = executionsPerHour > 0 ? `, ${count(executionsPerHour)} executions per hour` : ''
  const head = [piece(flowId, 'strong'), piece(`  n = ${count(executionCount)}${rate}`, 'faint')]
  const everyMs = (settings.falseAlarmBudgetExecutions / executionsPerHour) * MS_PER_HOUR
  const budget = Number.isFinite(everyMs)
    ? `at this traffic at most one false alarm every ${span(everyMs)}`
    : 'no traffic is known: what the budget is in time cannot be said'
  return [
    head,
    ...wrapped({ text: budget, width: layout.width, indent: 2 }),
    ...(delays === undefined
      ? [[piece('  too few executions are known to measure delays', 'faint')]]
      : delayTable(delays, { executionsPerHour, settings }, layout)),
  ]
}

function delayTable(
  delays: readonly DetectionDelay[],
  about: { readonly executionsPerHour: number; readonly settings: DetectionSettings },
  { width }: Layout,
): readonly Line[] {
  const head = ['slower by', 'told after', ''].map((text) => [piece(text, 'faint')])
  const rows = delays.map((delay) => [
    [piece(`+${percent(delay.shiftRatio)}`)],
    ...delayCells(delay, about),
  ])
  const columns = [
    { align: 'right' },
    { align: 'left' },
    { align: 'left', isFlexible: true },
  ] as const
  return table({ columns, rows: [head, ...rows], width, indent: 2 })
}

function delayCells(
  { shiftRatio, executionCount, toldRatio }: DetectionDelay,
  about: { readonly executionsPerHour: number; readonly settings: DetectionSettings },
): readonly Line[] {
  const { executionsPerHour, settings } = about
  if (shiftRatio <= settings.alertThreshold)
    return [[piece('never', 'faint')], [piece('not beyond alertThreshold', 'faint')]]
  if (executionCount === undefined) {
    const told = toldRatio > 0 ? `, told in time in ${percent(toldRatio)}` : ''
    const reason = `not within ${count(MAX_DELAY_COUNT)} executions at this flow's noise${told}`
    return [[piece('out of reach', 'warn')], [piece(reason, 'faint')]]
  }
  const takesMs = (executionCount / executionsPerHour) * MS_PER_HOUR
  const time = Number.isFinite(takesMs) ? span(takesMs) : ''
  return [[piece(counted(executionCount, 'execution'), 'strong')], [piece(time, 'faint')]]
}

/** `12.5 days`: beyond what `duration` says in hours. */
function span(ms: number): string {
  const days = ms / (24 * MS_PER_HOUR)
  return days >= 2 ? `${count(days)} days` : duration(ms)
}
