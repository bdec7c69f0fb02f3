import type { ExecutionSpan } from './execution.ts'

/** Half-open, ns after the execution's start. */
export interface Interval {
  readonly startNs: number
  readonly endNs: number
}

/**
 * The gaps between segments: time after a segment's end and before a later segment's start that no top-level span
 * covers. In time order. O(n).
 *
 *   segment 0   ====
 *   segment 1          =====
 *   paused          ^^^
 */
export function pauses(spans: readonly ExecutionSpan[], durationNs: number): readonly Interval[] {
  const tops = spans.filter((span) => span.depth === 0)
  const segments = tops.filter((span) => span.role === 'execution')
  if (segments.length < 2) return []
  const firstEndNs = segments.reduce((min, span) => Math.min(min, span.endNs), durationNs)
  const lastStartNs = segments.reduce((max, span) => Math.max(max, span.startNs), 0)
  const gaps: Interval[] = []
  let coveredNs = 0
  for (const { startNs, endNs } of tops) {
    if (startNs === endNs) continue
    if (startNs > coveredNs && coveredNs >= firstEndNs && startNs <= lastStartNs)
      gaps.push({ startNs: coveredNs, endNs: startNs })
    coveredNs = Math.max(coveredNs, endNs)
  }
  return gaps
}
