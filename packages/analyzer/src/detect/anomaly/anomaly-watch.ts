import { entriesBetween, type History } from '../../baseline/history.ts'
import type { HistoryEntry } from '../../baseline/history-entry.ts'
import type { RegressionWatch } from '../regression-watch.ts'
import {
  type AnomalySeries,
  anomalySeriesOf,
  emptyAnomalySeries,
  judgeValue,
  learnValue,
} from './anomaly-series.ts'

/** Watches single executions of one flow. Plain data. */
export interface AnomalyWatch {
  series: AnomalySeries
  /** Baseline of the detector that the series began with: with another one it begins again. */
  baselineStart: number
  /** The incident that is open. */
  open: Incident | undefined
}

/** An execution far slower than healthy ones, and those that followed it before it was over. */
interface Incident {
  readonly executionId: string
  readonly traceId: string
  readonly startUnixNs: bigint
  readonly endUnixNs: bigint
  readonly sequence: number
  readonly durationMs: number
  readonly medianMs: number
  /** Where durations that are not told lie. */
  readonly expectedMs: { readonly low: number; readonly high: number }
  /** Share of healthy executions that take at least as long, by the estimated tail. */
  readonly tailRatio: number
  /** Values that the verdict rests on. */
  readonly n: number
  /** The others, the newest last; at most a few. */
  readonly others: readonly { readonly executionId: string; readonly traceId: string }[]
  readonly executionCount: number
  /** Of the last of them. */
  readonly lastSequence: number
}

/** A step in the life of an incident: of anomalies that follow each other. */
export interface AnomalyStep {
  readonly step: 'opened' | 'updated' | 'resolved'
  readonly incident: Incident
}

/** With the first as many executions as a finding names. */
const MAX_OTHER_COUNT = 4

export function emptyAnomalyWatch(): AnomalyWatch {
  return { series: emptyAnomalySeries(), baselineStart: 0, open: undefined }
}

/**
 * Judges the newest execution by itself, once changes of level have been judged.
 *
 * One incident at a time: it opens with an execution that is far too slow, takes in those that follow within `windowSize`
 * executions of each other, and is over when as many passed without one, or when a change of level is confirmed: then what was
 * seen was the change, which is told instead. While an alarm of a change stands, single executions are learned and not judged.
 */
export function judgeExecution(
  watch: AnomalyWatch,
  shown: {
    readonly history: History
    readonly entry: HistoryEntry
    readonly level: RegressionWatch
  },
  settings: { readonly alertThreshold: number; readonly windowSize: number },
): AnomalyStep[] {
  const { history, entry, level } = shown
  const { baselineStart, alarmSince } = level.detector
  if (baselineStart !== watch.baselineStart) {
    const since = entriesBetween(history, baselineStart)
    watch.series = anomalySeriesOf(since.map(({ durationMs }) => durationMs))
    watch.baselineStart = baselineStart
    return end(watch)
  }
  const over = isOver(watch, entry, settings.windowSize) ? end(watch) : []
  if (alarmSince !== undefined) {
    learnValue(watch.series, entry.durationMs)
    return over
  }
  const judgement = judgeValue(watch.series, entry.durationMs, settings.alertThreshold)
  if (judgement.kind !== 'anomaly') return over
  const known = watch.open
  watch.open =
    known === undefined
      ? incidentOf(entry, { ...judgement, n: watch.series.values.count })
      : joined(known, entry)
  return [...over, { step: known === undefined ? 'opened' : 'updated', incident: watch.open }]
}

function isOver({ open }: AnomalyWatch, { sequence }: HistoryEntry, windowSize: number): boolean {
  return open !== undefined && sequence - open.lastSequence > windowSize
}

function end(watch: AnomalyWatch): AnomalyStep[] {
  const { open } = watch
  watch.open = undefined
  return open === undefined ? [] : [{ step: 'resolved', incident: open }]
}

function incidentOf(
  entry: HistoryEntry,
  verdict: {
    readonly tailRatio: number
    readonly expected: Incident['expectedMs']
    readonly ratio: number | undefined
    readonly n: number
  },
): Incident {
  const { executionId, traceId, startUnixNs, endUnixNs, sequence, durationMs } = entry
  return {
    executionId,
    traceId,
    startUnixNs,
    endUnixNs,
    sequence,
    durationMs,
    medianMs: verdict.ratio === undefined ? 0 : durationMs / verdict.ratio,
    expectedMs: verdict.expected,
    tailRatio: verdict.tailRatio,
    n: verdict.n,
    others: [],
    executionCount: 1,
    lastSequence: sequence,
  }
}

function joined(incident: Incident, entry: HistoryEntry): Incident {
  const { executionId, traceId, endUnixNs, sequence } = entry
  return {
    ...incident,
    endUnixNs,
    others: [...incident.others, { executionId, traceId }].slice(-MAX_OTHER_COUNT),
    executionCount: incident.executionCount + 1,
    lastSequence: sequence,
  }
}
