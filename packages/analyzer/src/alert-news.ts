import { entriesBetween } from './baseline/history.ts'
import type { HistoryEntry } from './baseline/history-entry.ts'
import type { Change } from './detect/change.ts'
import { seriesValue } from './detect/change-detector.ts'
import type { FindingChange } from './detect/finding.ts'
import { betFresh, emptyFreshEvidence, MAX_FRESH_COUNT } from './detect/fresh-evidence.ts'
import type { ChangeStep } from './detect/regression.ts'
import type { AlertInput } from './explain/alert/alert-book.ts'
import type { FlowState } from './flow-state.ts'

/** Adds what an execution of a flow means for the tenant's alerts: nothing for nearly all of them. */
export function tellNews(
  flow: FlowState,
  step: {
    readonly entry: HistoryEntry
    readonly judged: readonly ChangeStep[]
    readonly changes: readonly FindingChange[]
  },
  { news, minSampleSize }: { news: AlertInput[]; readonly minSampleSize: number },
): void {
  const { entry, judged, changes } = step
  const unixNs = entry.endUnixNs
  if (!flow.isWatched && flow.watch.detector.count >= minSampleSize) {
    flow.isWatched = true
    news.push({ kind: 'watched', unixNs })
  }
  if (flow.fresh.length > 0) news.push(...askFresh(flow, entry))
  for (const one of judged) if (one.step === 'opened') awaitFresh(flow, one.change)
  for (const change of changes) {
    const { id } = change.finding
    const logEvidence = judged.find((one) => one.change.id === id)?.change.logEvidence ?? 0
    news.push({ kind: 'finding', unixNs, change, logEvidence })
  }
}

/** The entry's word on each change that was confirmed before it and is still open. */
function askFresh(flow: FlowState, entry: HistoryEntry): AlertInput[] {
  const { history, watch } = flow
  const open = new Map(watch.changes.map((change) => [change.id, change]))
  flow.fresh = flow.fresh.filter(
    ({ changeId, freshCount }) => open.has(changeId) && freshCount < MAX_FRESH_COUNT,
  )
  return flow.fresh.map((fresh) => {
    const value = seriesValue(history, entry, open.get(fresh.changeId)?.series)
    const logEvidence = betFresh(fresh, { value, executionId: entry.executionId })
    return { kind: 'evidence', unixNs: entry.endUnixNs, findingId: fresh.changeId, logEvidence }
  })
}

/** The values since the onset count as known, like those before: had they not stood out, nothing would be asked. */
function awaitFresh(flow: FlowState, change: Change): void {
  if (change.direction !== 'regression') return
  const { id, direction, logEvidence, beforeMs, series, onset } = change
  const after = entriesBetween(flow.history, onset.sequence)
  const values = after.map((entry) => seriesValue(flow.history, entry, series))
  flow.fresh.push(
    emptyFreshEvidence({ id, direction, logEvidence, known: [...beforeMs, ...values] }),
  )
}
