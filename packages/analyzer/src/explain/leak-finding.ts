import type { MemoryTrend, Place, Regression, Severity } from '../detect/finding.ts'
import { findingId } from '../detect/finding-id.ts'
import type { Leak } from '../detect/heap-watch.ts'
import type { ProcessName } from '../otlp/heap-reading.ts'
import { unixNsFromMs } from '../time/unix-ns.ts'
import { bytesWords, momentWords, percentWords, processWords, timeWords } from './words.ts'

/** A line may begin next to nothing, and then the ratio has no meaning. */
const MAX_RATIO = 1e6

/** A process whose heap leaks: a regression of its memory, with the trend as evidence. */
export function leakFinding(
  leak: Leak,
  {
    tenant,
    process,
    state,
  }: {
    readonly tenant: string
    readonly process: ProcessName
    readonly state: 'open' | 'resolved'
  },
): Regression {
  const { bytesPerHour, beforeBytes, afterBytes, pointCount } = leak
  const place = placeOf(process)
  const openedUnixNs = unixNsFromMs(leak.openedUnixMs)
  const trend = trendOf(leak)
  const grownRatio = (perHour: number) =>
    Math.min(((afterBytes - beforeBytes) * (perHour / bytesPerHour.value)) / beforeBytes, MAX_RATIO)
  return {
    kind: 'regression',
    id: findingId({
      tenant,
      flowId: place.flowId,
      stepId: undefined,
      // Of one service's instances each may leak by itself.
      phase: process.instanceId,
      metric: 'memory',
      kind: 'regression',
      direction: 'regression',
      onsetExecutionId: String(leak.sinceUnixMs),
    }),
    tenant,
    place,
    class: 'memory',
    severity: severityOf(leak),
    state,
    openedUnixNs,
    updatedUnixNs: unixNsFromMs(leak.updatedUnixMs),
    sentence: sentenceOf(leak, { process, state, trend }),
    evidence: {
      executionIds: [],
      traceIds: [],
      figures: {
        heapBeforeBytes: beforeBytes,
        heapAfterBytes: afterBytes,
        growthBytesPerHour: bytesPerHour.value,
        growthBytesPerHourLow: bytesPerHour.low,
        growthBytesPerHourHigh: bytesPerHour.high,
        pointCount,
        ...(leak.forecast === undefined ? {} : { heapLimitBytes: leak.forecast.limit }),
      },
    },
    direction: 'regression',
    metric: 'memory',
    effect: {
      value: grownRatio(bytesPerHour.value),
      low: grownRatio(bytesPerHour.low),
      high: grownRatio(bytesPerHour.high),
      n: pointCount,
    },
    level: { unit: 'bytes', before: beforeBytes, after: afterBytes },
    trend,
    onsetExecutionId: undefined,
    onsetUnixNs: unixNsFromMs(leak.sinceUnixMs),
    contributions: [],
    causes: [],
  }
}

function placeOf(process: ProcessName): Place {
  const flowId = process.serviceName ?? 'process'
  return {
    flowId,
    flowVersion: undefined,
    stepId: undefined,
    phase: undefined,
    spanName: undefined,
    process: { serviceName: process.serviceName, instanceId: process.instanceId },
  }
}

function trendOf({ bytesPerHour, pointCount, forecast }: Leak): MemoryTrend {
  const unixNsOf = (unixMs: number | undefined) =>
    unixMs === undefined ? undefined : unixNsFromMs(unixMs)
  return {
    bytesPerHour: { ...bytesPerHour, n: pointCount },
    limit: forecast && {
      bytes: forecast.limit,
      reachedUnixNs: unixNsOf(forecast.unixMs),
      earliestUnixNs: unixNsFromMs(forecast.earliestUnixMs),
      latestUnixNs: unixNsOf(forecast.latestUnixMs),
    },
  }
}

const HOUR_MS = 3_600_000
/** By the time that is left until the process has no heap any more; without a known limit nobody knows. */
const SEVERITIES: readonly (readonly [Severity, number])[] = [
  ['critical', 2 * HOUR_MS],
  ['high', 24 * HOUR_MS],
  ['medium', 7 * 24 * HOUR_MS],
]

function severityOf({ forecast, updatedUnixMs }: Leak): Severity {
  if (forecast?.unixMs === undefined) return 'medium'
  const leftMs = forecast.unixMs - updatedUnixMs
  return SEVERITIES.find(([, withinMs]) => leftMs <= withinMs)?.[0] ?? 'low'
}

/**
 * `heap of process shop (a1) grows by 20 MiB an hour (95 % CI 18 MiB to 22 MiB, n = 96) since 08:00:00 UTC and never comes back:
 * 100 MiB -> 340 MiB; it reaches its limit of 4096 MiB at 2026-11-26 07:12 UTC (05:40 to 09:02)`
 */
function sentenceOf(
  leak: Leak,
  {
    process,
    state,
    trend,
  }: { process: ProcessName; state: 'open' | 'resolved'; trend: MemoryTrend },
): string {
  const { beforeBytes, afterBytes, bytesPerHour, pointCount } = leak
  const subject = `heap of ${processWords(process)}`
  const levels = `${bytesWords(beforeBytes)} -> ${bytesWords(afterBytes)}`
  const since = timeWords(unixNsFromMs(leak.sinceUnixMs))
  if (state === 'resolved') return `${subject} no longer grows: ${levels} since ${since}`
  const ends = `95 % CI ${bytesWords(bytesPerHour.low)} to ${bytesWords(bytesPerHour.high)}`
  const grown = percentWords(Math.min((afterBytes - beforeBytes) / beforeBytes, MAX_RATIO))
  return (
    `${subject} grows by ${bytesWords(bytesPerHour.value)} an hour (${ends}, n = ${pointCount}) and does not come back ` +
    `after collections: ${levels}, ${grown} since ${since}${limitWords(trend)}`
  )
}

function limitWords({ limit }: MemoryTrend): string {
  if (limit === undefined) return ''
  const { bytes, reachedUnixNs, earliestUnixNs, latestUnixNs } = limit
  const name = `its limit of ${bytesWords(bytes)}`
  const earliest = `not before ${momentWords(earliestUnixNs)}`
  if (reachedUnixNs === undefined || latestUnixNs === undefined)
    return `; ${name} comes ${earliest}`
  return `; at this pace it reaches ${name} at ${momentWords(reachedUnixNs)} (${earliest}, not after ${momentWords(latestUnixNs)})`
}
