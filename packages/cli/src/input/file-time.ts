import type { SpanRecord } from '@qflow-otel/analyzer'

/**
 * The time that recorded spans tell: it goes forward with the median end of each batch, so that a single
 * span of a wrong clock does not end everybody's executions. Being late is harmless, being early is not.
 */
export function fileTime(unixNs: bigint, spans: readonly SpanRecord[]): bigint {
  const median = medianEnd(spans)
  return median !== undefined && median > unixNs ? median : unixNs
}

function medianEnd(spans: readonly SpanRecord[]): bigint | undefined {
  const ends = spans.map(({ startUnixNs, endUnixNs }) => (endUnixNs > 0n ? endUnixNs : startUnixNs))
  // bigint has no subtraction that sort would take.
  ends.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return ends[Math.floor(ends.length / 2)]
}
