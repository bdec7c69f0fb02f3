import { deepStrictEqual, ok } from 'node:assert'
import { decodeMetricsJson, decodeMetricsProtobuf, OtlpDecodeError } from '@qflow-otel/analyzer'
import type { DecodedMetrics } from '../../packages/analyzer/src/otlp/heap-reading.ts'
import { decodeRequest } from '../../packages/analyzer/src/otlp/otlp-proto.ts'

/** How often each check of the metrics' readers had something to compare. */
export interface MetricTally {
  metricsReadCount: number
  metricsAgreedCount: number
  metricsJsonReadCount: number
  heapCount: number
}

export function noMetrics(): MetricTally {
  return { metricsReadCount: 0, metricsAgreedCount: 0, metricsJsonReadCount: 0, heapCount: 0 }
}

/**
 * Throws when the reader of metrics throws anything but a typed error, gives a reading that cannot be, or says something else than
 * the JSON reader of what protobufjs makes of the body.
 */
export function checkMetrics(body: Uint8Array, tally: MetricTally): void {
  const own = typedOnly(() => decodeMetricsProtobuf(body))
  if (own === undefined) return
  tally.metricsReadCount++
  checkReadings(own, tally)
  const message = byPeer(body)
  const asJson = message && typedOnly(() => decodeMetricsJson(message))
  if (asJson === undefined) return
  // What is refused is told with the words of its format, and JSON has no place for a point that says two values.
  deepStrictEqual(own.pointCount, asJson.pointCount, 'the JSON reader counts other points')
  if (own.rejectedCount + asJson.rejectedCount > 0) return
  deepStrictEqual(own.heaps, asJson.heaps, 'the JSON reader reads other heaps')
  tally.metricsAgreedCount++
}

export function checkMetricsJson(value: unknown, tally: MetricTally): void {
  const own = typedOnly(() => decodeMetricsJson(value))
  if (own === undefined) return
  tally.metricsJsonReadCount++
  checkReadings(own, tally)
}

function checkReadings({ heaps, pointCount, rejectedCount }: DecodedMetrics, tally: MetricTally) {
  ok(heaps.length + rejectedCount <= pointCount, 'more is read than there is')
  for (const { usedBytes, limitBytes, unixNs } of heaps) {
    ok(Number.isFinite(usedBytes) && usedBytes >= 0, 'a heap has a size')
    ok(limitBytes === undefined || (Number.isFinite(limitBytes) && limitBytes >= 0), 'a limit too')
    ok(unixNs > 0n, 'and a time')
  }
  tally.heapCount += heaps.length
}

function byPeer(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    return decodeRequest('Metrics', body)
  } catch {
    // What it refuses of fields that we skip says nothing of our reader.
    return undefined
  }
}

function typedOnly(read: () => DecodedMetrics): DecodedMetrics | undefined {
  try {
    return read()
  } catch (error) {
    // Anything but a typed error is what we look for.
    if (!(error instanceof OtlpDecodeError)) throw error
    return undefined
  }
}
