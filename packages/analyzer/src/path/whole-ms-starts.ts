import type { Execution, ExecutionSpan } from '../trace/execution.ts'

const MS_NS = 1_000_000

/** Spans that end within one ms of one another; of more, the earlier ones are not looked at. */
const MAX_LOOKED_AT_COUNT = 64

/**
 * The rows with later starts where a clock of whole ms stamped the user's spans too early. OpenTelemetry's JavaScript
 * SDK starts a span at `Date.now()` and ends it a precise length later, so that one call after another seems to
 * overlap it, by up to 1 ms, half of the time:
 *
 *   ms       20        21
 *   GET /a ======|               ends at 20.8
 *   GET /b   ====|=========      begins at 20.8, stamped 20
 *
 * Such a span starts when the last sibling that had started before it, and ends in that ms, has ended; never later
 * than the sibling after it, so that rows stay in order of start. All other spans are the same objects. O(n log n).
 */
export function withoutEarlyStarts({ spans, startUnixNs }: Execution): readonly ExecutionSpan[] {
  const msOffsetNs = Number(startUnixNs % BigInt(MS_NS))
  const isEarly = ({ role, parentRow, startNs }: ExecutionSpan): boolean =>
    role === 'foreign' && parentRow >= 0 && (msOffsetNs + startNs) % MS_NS === 0
  if (!spans.some(isEarly)) return spans
  const settled = [...spans]
  for (const rows of familiesOf(spans)) {
    const byEnd = rows.map((row) => spans[row] as ExecutionSpan).sort((a, b) => a.endNs - b.endNs)
    let nextStartNs = Number.POSITIVE_INFINITY
    // From the last to the first, so that the start of the sibling behind is known.
    for (const row of rows.reverse()) {
      // A row of the execution; so are those above.
      const span = spans[row] as ExecutionSpan
      const freeNs = isEarly(span) ? lastEndIn(byEnd, span.startNs) : undefined
      const startNs = Math.min(freeNs ?? span.startNs, span.endNs, nextStartNs)
      if (startNs > span.startNs) settled[row] = { ...span, startNs }
      nextStartNs = startNs
    }
  }
  return settled
}

/** Rows below one span, in order of start, where there are several. */
function familiesOf(spans: readonly ExecutionSpan[]): number[][] {
  const families = new Map<number, number[]>()
  for (const [row, { parentRow }] of spans.entries()) {
    const rows = families.get(parentRow)
    if (rows === undefined) families.set(parentRow, [row])
    else rows.push(row)
  }
  return [...families.values()].filter(({ length }) => length > 1)
}

/** The last end after an instant and less than 1 ms later, of spans that had started before it. */
function lastEndIn(byEnd: readonly ExecutionSpan[], fromNs: number): number | undefined {
  let low = 0
  let high = byEnd.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((byEnd[middle]?.endNs ?? 0) < fromNs + MS_NS) low = middle + 1
    else high = middle
  }
  for (let at = low - 1; at >= Math.max(0, low - MAX_LOOKED_AT_COUNT); at--) {
    const span = byEnd[at]
    if (span === undefined || span.endNs <= fromNs) return undefined
    if (span.startNs < fromNs) return span.endNs
  }
  return undefined
}
