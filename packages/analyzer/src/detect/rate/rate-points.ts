import type { Failure } from '../../baseline/failures.ts'
import type { HistoryEntry } from '../../baseline/history-entry.ts'
import { durationUnixNs, unixNsFromMs } from '../../time/unix-ns.ts'
import type { FlowMemory } from '../flow-memory.ts'
import { failureValue } from '../series/learn-series.ts'
import type { RatePlace } from '../series/series-place.ts'
import { seriesReader } from '../series/series-value.ts'

/** One value of a rate: an execution that failed or not, or the executions of a bucket of time. */
export interface RatePoint {
  /** Its number among all of its kind in the flow. */
  readonly number: number
  /** Judged executions of the flow that entered before it. */
  readonly position: number
  readonly value: number
  /** Of a bucket the last execution before it. */
  readonly executionId: string
  readonly traceId: string
  readonly startUnixNs: bigint
  readonly endUnixNs: bigint
}

/** The remembered points since a position, the oldest first. */
export function ratePoints(memory: FlowMemory, place: RatePlace, from: number): RatePoint[] {
  return place.metric === 'throughput'
    ? trafficPoints(memory, from)
    : outcomePoints(memory, place, from)
}

/** The number that the next point will have. */
export function nextPointNumber(
  { history, failures, traffic }: FlowMemory,
  place: RatePlace,
): number {
  if (place.metric === 'throughput') return traffic.closedCount
  return history.nextSequence + failures.count
}

/** Judged and failed executions in the order in which they entered, as far back as both are remembered. */
function outcomePoints(memory: FlowMemory, place: RatePlace, from: number): RatePoint[] {
  const { history, failures } = memory
  const forgottenCount = failures.count - failures.last.length
  const oldest = Math.max(
    from,
    history.entries[0]?.sequence ?? history.nextSequence,
    forgottenCount > 0 ? (failures.last[0]?.position ?? 0) : 0,
  )
  const points: RatePoint[] = []
  const add = (one: HistoryEntry | Failure, position: number, number: number, value: number) => {
    if (position < oldest || Number.isNaN(value)) return
    const { executionId, traceId, startUnixNs, endUnixNs } = one
    points.push({ number, position, value, executionId, traceId, startUnixNs, endUnixNs })
  }
  let failed = 0
  const addFailed = (until: number) => {
    for (let one = failures.last[failed]; one !== undefined && one.position <= until; ) {
      add(one, one.position, one.position + forgottenCount + failed, failureValue(one, place))
      failed += 1
      one = failures.last[failed]
    }
  }
  const read = seriesReader(history, place)
  for (const entry of history.entries) {
    addFailed(entry.sequence)
    const { sequence } = entry
    add(entry, sequence, sequence + forgottenCount + failed, read(entry))
  }
  addFailed(Number.POSITIVE_INFINITY)
  return points
}

function trafficPoints({ history, traffic }: FlowMemory, from: number): RatePoint[] {
  const { closed, closedCount, widthMs } = traffic
  const { entries } = history
  const first = entries[0]?.sequence ?? 0
  return closed.flatMap(({ number, position, weight }, index) => {
    if (position < from) return []
    const last = entries[Math.max(0, Math.min(position - 1 - first, entries.length - 1))]
    const startUnixNs = unixNsFromMs(number * widthMs)
    return [
      {
        number: closedCount - closed.length + index,
        position,
        value: weight,
        executionId: last?.executionId ?? '',
        traceId: last?.traceId ?? '',
        startUnixNs,
        endUnixNs: startUnixNs + durationUnixNs(widthMs),
      },
    ]
  })
}
