import {
  ATTR_QFLOW_ALERT_CAUSE_KIND,
  ATTR_QFLOW_ALERT_CAUSE_NAME,
  ATTR_QFLOW_ALERT_FLOW_COUNT,
  ATTR_QFLOW_ALERT_STATUS,
  ATTR_QFLOW_ANALYZER_DROP_REASON,
  ATTR_QFLOW_DETECTOR_SOURCE,
  ATTR_QFLOW_EXECUTION_CLOSE_REASON,
  ATTR_QFLOW_FINDING_CAUSE_KIND,
  ATTR_QFLOW_FINDING_CAUSE_NAME,
  ATTR_QFLOW_FINDING_CAUSE_SHARE,
  ATTR_QFLOW_FINDING_CLASS,
  ATTR_QFLOW_FINDING_DIRECTION,
  ATTR_QFLOW_FINDING_EFFECT_HIGH,
  ATTR_QFLOW_FINDING_EFFECT_LOW,
  ATTR_QFLOW_FINDING_EFFECT_RATIO,
  ATTR_QFLOW_FINDING_EVIDENCE_TRACE_IDS,
  ATTR_QFLOW_FINDING_ID,
  ATTR_QFLOW_FINDING_METRIC,
  ATTR_QFLOW_FINDING_ONSET_EXECUTION_ID,
  ATTR_QFLOW_FINDING_SAMPLE_COUNT,
  ATTR_QFLOW_FINDING_SEVERITY,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
  ATTR_QFLOW_PHASE,
  ATTR_QFLOW_RECOMMENDATION_ACTION,
  ATTR_QFLOW_STEP_ID,
  METRIC_QFLOW_ANALYZER_DROPPED,
  METRIC_QFLOW_ANALYZER_EXECUTIONS,
  METRIC_QFLOW_BOTTLENECK_COUNT,
  METRIC_QFLOW_BOTTLENECK_SHARE,
  METRIC_QFLOW_DETECTOR_FALSE_ALARM_RATE,
  METRIC_QFLOW_RECOMMENDATION_PREDICTED_GAIN,
  METRIC_QFLOW_REGRESSION_ACTIVE,
  METRIC_QFLOW_REGRESSION_EFFECT,
} from '@qflow-otel/semconv'
import type { AnalyzerChange } from './analyzer.ts'
import type { Cause } from './detect/cause.ts'
import type { Estimate, Finding, Severity } from './detect/finding.ts'
import type { Alert } from './explain/alert/alert.ts'
import type { FalseAlarmReport, Losses } from './report.ts'

/** Arrays are fresh copies: the OTel API wants them mutable. */
export type TelemetryAttributes = Readonly<Record<string, string | number | string[]>>

/** A log record to be: `name` is its event name. */
export interface FindingEvent {
  readonly name: string
  readonly timeUnixNs: bigint
  /** OTel severity: 9 INFO, 13 WARN, 17 ERROR. */
  readonly severityNumber: 9 | 13 | 17
  readonly body: string
  readonly attributes: TelemetryAttributes
}

/** One point of an observed metric; the registry has its instrument and unit. */
export interface MetricPoint {
  readonly name: string
  readonly value: number
  readonly attributes: TelemetryAttributes
}

/** Series per metric with their own attributes; the findings beyond share the flow `_OTHER`. */
export const MAX_SERIES_PER_METRIC = 1_000

const OTHER = '_OTHER'
const MAX_TRACE_IDS = 5

/** The event `qflow.<kind>.<change>` of a change in a finding's or an alert's life. */
export function findingEvent(told: AnalyzerChange): FindingEvent {
  const { change, finding } = told
  return {
    name: `qflow.${finding.kind}.${change}`,
    timeUnixNs: change === 'opened' ? finding.openedUnixNs : finding.updatedUnixNs,
    severityNumber: severityNumber(told),
    body: finding.sentence,
    attributes: eventAttributes(finding),
  }
}

const severityNumbers: Readonly<Record<Severity, 9 | 13 | 17>> = {
  low: 9,
  medium: 13,
  high: 13,
  critical: 17,
}

/** Only news of something bad is more than INFO: advice, improvements and endings never wake anybody. */
function severityNumber({ change, finding }: AnalyzerChange): 9 | 13 | 17 {
  if (change === 'resolved' || finding.kind === 'recommendation') return 9
  if (finding.kind === 'regression' && finding.direction === 'improvement') return 9
  return severityNumbers[finding.severity]
}

function eventAttributes(finding: Finding | Alert): TelemetryAttributes {
  const effect = effectOf(finding)
  const traceIds = finding.evidence.traceIds.slice(0, MAX_TRACE_IDS)
  return present({
    [ATTR_QFLOW_FINDING_ID]: finding.id,
    [ATTR_QFLOW_FLOW_ID]: finding.place.flowId,
    [ATTR_QFLOW_FLOW_VERSION]: finding.place.flowVersion,
    [ATTR_QFLOW_STEP_ID]: finding.place.stepId,
    [ATTR_QFLOW_PHASE]: finding.place.phase,
    [ATTR_QFLOW_FINDING_CLASS]: finding.class,
    [ATTR_QFLOW_FINDING_SEVERITY]: finding.severity,
    [ATTR_QFLOW_FINDING_METRIC]: finding.kind === 'regression' ? finding.metric : undefined,
    [ATTR_QFLOW_FINDING_DIRECTION]: finding.kind === 'regression' ? finding.direction : undefined,
    [ATTR_QFLOW_FINDING_EFFECT_RATIO]: effect.value,
    [ATTR_QFLOW_FINDING_EFFECT_LOW]: effect.low,
    [ATTR_QFLOW_FINDING_EFFECT_HIGH]: effect.high,
    [ATTR_QFLOW_FINDING_SAMPLE_COUNT]: effect.n,
    [ATTR_QFLOW_FINDING_EVIDENCE_TRACE_IDS]: traceIds.length > 0 ? traceIds : undefined,
    [ATTR_QFLOW_FINDING_ONSET_EXECUTION_ID]: firstExecutionId(finding),
    [ATTR_QFLOW_RECOMMENDATION_ACTION]:
      finding.kind === 'recommendation' ? finding.action : undefined,
    ...(finding.kind === 'alert' ? alertAttributes(finding) : {}),
    ...(finding.kind === 'regression' ? causeAttributes(finding.causes) : {}),
  })
}

/** Of a change the first that was changed, of an anomaly the execution itself. */
function firstExecutionId(finding: Finding | Alert): string | undefined {
  if (finding.kind === 'regression') return finding.onsetExecutionId
  return finding.kind === 'anomaly' ? finding.executionId : undefined
}

function alertAttributes({ status, cause, flowIds }: Alert): MaybeKnown {
  return {
    [ATTR_QFLOW_ALERT_STATUS]: status,
    [ATTR_QFLOW_ALERT_CAUSE_KIND]: cause.kind,
    [ATTR_QFLOW_ALERT_CAUSE_NAME]: cause.name,
    [ATTR_QFLOW_ALERT_FLOW_COUNT]: flowIds.length,
  }
}

/** Of the likeliest cause, while one is known. */
function causeAttributes([main]: readonly Cause[]): MaybeKnown {
  if (main === undefined) return {}
  return {
    [ATTR_QFLOW_FINDING_CAUSE_KIND]: main.kind,
    [ATTR_QFLOW_FINDING_CAUSE_NAME]: main.words,
    [ATTR_QFLOW_FINDING_CAUSE_SHARE]: main.share,
  }
}

function effectOf(finding: Finding | Alert): Partial<Estimate> {
  if (finding.kind === 'bottleneck') return finding.speedup
  // One execution has no interval.
  if (finding.kind === 'anomaly')
    return { value: finding.durationMs / finding.medianMs - 1, n: finding.n }
  return finding.kind === 'recommendation' ? finding.predictedGain : finding.effect
}

type MaybeKnown = Readonly<Record<string, string | number | string[] | undefined>>

/** What is not known is omitted, and so is a figure that is not a number. */
function present(attributes: MaybeKnown): TelemetryAttributes {
  const known: Record<string, string | number | string[]> = {}
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) continue
    known[name] = value
  }
  return known
}

/**
 * The state of the findings as points of observable instruments, one point per series. O(n log n).
 *
 * Keep resolved findings in the input for a while: an SDK with cumulative temporality repeats the last value of
 * a series that is no longer observed. A resolved finding counts 0; the effect or gain of a resolved regression
 * or recommendation reads 0 (it no longer holds), the share of a resolved bottleneck is its last estimate.
 * An open finding outweighs resolved ones of its series; of several open ones the larger effect is shown.
 * The points carry no tenant: call it with the findings of one.
 */
export function findingMetrics(findings: readonly Finding[]): readonly MetricPoint[] {
  const series: Series = new Map()
  const oldestFirst = [...findings].sort(byStateThenAge)
  for (const finding of oldestFirst) addFinding(series, finding)
  return [...series.values()].flatMap((points) =>
    [...points.values()].map(({ name, value, attributes }) => ({ name, value, attributes })),
  )
}

/** Points by metric name and attributes. */
type Series = Map<string, Map<string, Point>>

type Point = MetricPoint & { readonly isOpen: boolean }

/** Open before resolved and old before new, so that a series once given is kept when the bound is reached. */
function byStateThenAge(a: Finding, b: Finding): number {
  if (a.state !== b.state) return a.state === 'open' ? -1 : 1
  if (a.openedUnixNs !== b.openedUnixNs) return a.openedUnixNs < b.openedUnixNs ? -1 : 1
  return a.id < b.id ? -1 : 1
}

function addFinding(series: Series, finding: Finding): void {
  const isOpen = finding.state === 'open'
  const flow = { [ATTR_QFLOW_FLOW_ID]: finding.place.flowId }
  const step = { ...flow, [ATTR_QFLOW_STEP_ID]: finding.place.stepId }
  const phase = { ...step, [ATTR_QFLOW_PHASE]: finding.place.phase }
  const gauge = (name: string, value: number, attributes: MaybeKnown) =>
    keepLargest(series, { name, value, attributes: present(attributes), isOpen })
  const count = (name: string, attributes: MaybeKnown) =>
    sum(series, { name, value: isOpen ? 1 : 0, attributes: present(attributes), isOpen })

  if (finding.kind === 'bottleneck') {
    const kind = { [ATTR_QFLOW_FINDING_CLASS]: finding.class }
    gauge(METRIC_QFLOW_BOTTLENECK_SHARE, finding.speedup.value, { ...phase, ...kind })
    count(METRIC_QFLOW_BOTTLENECK_COUNT, { ...flow, ...kind })
    return
  }
  if (finding.kind === 'regression') {
    const what = {
      [ATTR_QFLOW_FINDING_METRIC]: finding.metric,
      [ATTR_QFLOW_FINDING_DIRECTION]: finding.direction,
    }
    const effect = isOpen ? finding.effect.value : 0
    gauge(METRIC_QFLOW_REGRESSION_EFFECT, effect, { ...phase, ...what })
    count(METRIC_QFLOW_REGRESSION_ACTIVE, { ...flow, ...what })
    return
  }
  if (finding.kind === 'anomaly') return
  const action = { [ATTR_QFLOW_RECOMMENDATION_ACTION]: finding.action }
  const gain = isOpen ? finding.predictedGain.value : 0
  gauge(METRIC_QFLOW_RECOMMENDATION_PREDICTED_GAIN, gain, { ...step, ...action })
}

function keepLargest(series: Series, point: Point): void {
  if (!Number.isFinite(point.value)) return
  const { points, key, attributes } = placeOf(series, point)
  const shown = points.get(key)
  if (shown === undefined || outweighs(point, shown)) points.set(key, { ...point, attributes })
}

function outweighs(a: Point, b: Point): boolean {
  if (a.isOpen !== b.isOpen) return a.isOpen
  return Math.abs(a.value) > Math.abs(b.value)
}

function sum(series: Series, point: Point): void {
  const { points, key, attributes } = placeOf(series, point)
  const value = (points.get(key)?.value ?? 0) + point.value
  points.set(key, { ...point, value, attributes })
}

function placeOf(series: Series, { name, attributes }: MetricPoint) {
  const points = series.get(name) ?? new Map<string, Point>()
  series.set(name, points)
  const key = JSON.stringify(attributes)
  if (points.has(key) || points.size < MAX_SERIES_PER_METRIC) return { points, key, attributes }
  const { [ATTR_QFLOW_STEP_ID]: _step, ...rest } = attributes
  const folded: TelemetryAttributes = { ...rest, [ATTR_QFLOW_FLOW_ID]: OTHER }
  return { points, key: JSON.stringify(folded), attributes: folded }
}

/** What the analyzer closed and dropped, as points of observable counters; the reasons bound the series. */
export function lossMetrics(losses: Losses): readonly MetricPoint[] {
  return [
    ...Object.entries(losses.closedExecutions).map(([reason, value]) => ({
      name: METRIC_QFLOW_ANALYZER_EXECUTIONS,
      value,
      attributes: { [ATTR_QFLOW_EXECUTION_CLOSE_REASON]: reason },
    })),
    ...Object.entries(losses.droppedSpans).map(([reason, value]) => ({
      name: METRIC_QFLOW_ANALYZER_DROPPED,
      value,
      attributes: { [ATTR_QFLOW_ANALYZER_DROP_REASON]: reason },
    })),
  ]
}

/** The measured rates of false alarms, as points of an observable gauge; what was not measured is absent. */
export function falseAlarmMetrics({
  replayed,
  verdicts,
}: FalseAlarmReport): readonly MetricPoint[] {
  const points = Object.entries({ replay: replayed, verdict: verdicts })
  return points.flatMap(([source, rate]) => {
    if (rate === undefined) return []
    const attributes = { [ATTR_QFLOW_DETECTOR_SOURCE]: source }
    return [{ name: METRIC_QFLOW_DETECTOR_FALSE_ALARM_RATE, value: rate.value, attributes }]
  })
}
