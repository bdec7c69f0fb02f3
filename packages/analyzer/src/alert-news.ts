import type { Failure } from './baseline/failures.ts'
import { entriesBetween } from './baseline/history.ts'
import type { HistoryEntry } from './baseline/history-entry.ts'
import type { ClosedBucket } from './baseline/traffic.ts'
import type { Change } from './detect/change/change.ts'
import { betFresh, emptyFreshEvidence, MAX_FRESH_COUNT } from './detect/change/fresh-evidence.ts'
import type { FindingChange } from './detect/finding.ts'
import type { RateChange } from './detect/rate/rate-change.ts'
import { ratePoints } from './detect/rate/rate-points.ts'
import type { RateStep } from './detect/rate/rate-watch.ts'
import type { ChangeStep } from './detect/regression-watch.ts'
import { failureValue } from './detect/series/learn-series.ts'
import type { SeriesPlace } from './detect/series/series-place.ts'
import { seriesValue, seriesValues } from './detect/series/series-value.ts'
import type { AlertInput } from './explain/alert/alert-book.ts'
import type { FlowState } from './flow-state.ts'

/** What happened in a flow, or to a process. */
export interface FlowNews {
  readonly flow: Pick<FlowState, 'tenant'>
  readonly inputs: readonly AlertInput[]
  /** Executions that were judged. */
  readonly judgedCount: number
}

/** What entered: a judged execution, a failed one, or a bucket of time that is over. */
interface Entered {
  readonly unixNs: bigint
  readonly entry?: HistoryEntry
  readonly failure?: Failure
  readonly bucket?: ClosedBucket
  readonly levels?: readonly ChangeStep[]
  readonly rates: readonly RateStep[]
  readonly changes: readonly FindingChange[]
}

/** Adds what an execution of a flow means for the tenant's alerts: nothing for nearly all of them. */
export function tellNews(
  flow: FlowState,
  entered: Entered,
  context: {
    readonly news: AlertInput[]
    readonly settings: { readonly minSampleSize: number }
  },
): void {
  const { news, settings } = context
  const { unixNs, levels = [], rates, changes } = entered
  if (isWatchedNow(flow, settings)) {
    flow.isWatched = true
    news.push({ kind: 'watched', unixNs })
  }
  if (flow.fresh.length > 0) news.push(...askFresh(flow, entered))
  for (const one of levels) if (one.step === 'opened') awaitFreshLevel(flow, one.change)
  for (const one of rates) if (one.step === 'opened') awaitFreshRate(flow, one.change)
  for (const change of changes) {
    const { id } = change.finding
    const judged = [...levels, ...rates].find((one) => one.change.id === id)
    news.push({ kind: 'finding', unixNs, change, logEvidence: judged?.change.logEvidence ?? 0 })
  }
}

/** Whether it was not before: then that is news. */
export function isWatchedNow(
  { isWatched, watch }: FlowState,
  settings: { readonly minSampleSize: number },
): boolean {
  return !isWatched && watch.detector.count >= settings.minSampleSize
}

/** What came since then has its word on each change that was confirmed before it and is still open. */
function askFresh(flow: FlowState, entered: Entered): AlertInput[] {
  const { watch } = flow
  const open = new Map<string, SeriesPlace | undefined>([
    ...watch.changes.map(({ id, series }) => [id, series] as const),
    ...watch.rateChanges.map(({ id, place }) => [id, place] as const),
  ])
  flow.fresh = flow.fresh.filter(
    ({ changeId, freshCount }) => open.has(changeId) && freshCount < MAX_FRESH_COUNT,
  )
  return flow.fresh.flatMap((fresh) => {
    const value = freshValue(flow, entered, open.get(fresh.changeId))
    if (Number.isNaN(value)) return []
    const moment = String(entered.bucket?.number)
    const executionId = entered.entry?.executionId ?? entered.failure?.executionId ?? moment
    const logEvidence = betFresh(fresh, { value, executionId })
    return [{ kind: 'evidence', unixNs: entered.unixNs, findingId: fresh.changeId, logEvidence }]
  })
}

/** NaN when it says nothing of the series. */
function freshValue(
  { history }: FlowState,
  { entry, failure, bucket }: Entered,
  place: SeriesPlace | undefined,
): number {
  if (bucket !== undefined) return place?.metric === 'throughput' ? bucket.weight : Number.NaN
  if (entry !== undefined) return seriesValue(history, entry, place)
  const isOfFailures = failure !== undefined && place?.metric === 'error_rate'
  return isOfFailures ? failureValue(failure, place) : Number.NaN
}

/** The values since the onset count as known, like those before: had they not stood out, nothing would be asked. */
function awaitFreshLevel(flow: FlowState, change: Change): void {
  if (change.direction !== 'regression') return
  const { id, logEvidence, before, series, onset } = change
  const after = entriesBetween(flow.history, onset.sequence)
  const known = [...before, ...seriesValues(flow.history, after, series)]
  flow.fresh.push(emptyFreshEvidence({ id, direction: 'up', logEvidence, known }))
}

function awaitFreshRate(flow: FlowState, change: RateChange): void {
  if (change.direction !== 'regression') return
  const { id, logEvidence, place } = change
  const known = ratePoints(flow, place, 0).map(({ value }) => value)
  const direction = change.opened.effect > 0 ? 'up' : 'down'
  flow.fresh.push(emptyFreshEvidence({ id, direction, logEvidence, known }))
}
