import type { PathSegment } from '../path/path-segment.ts'
import type { ExecutionSpan } from '../trace/execution.ts'
import type { Bracket, Lane } from './lanes.ts'

const TOP = -1

/** A span's row is opened or closed on top of a stack, ns after the execution's start. */
export interface StackEvent {
  readonly kind: 'open' | 'close'
  readonly row: number
  readonly atNs: number
}

/** The spans of a lane as brackets: times never go back, and a close is of what was opened last. No recursion. */
export function laneEvents(lane: Lane, spans: readonly ExecutionSpan[]): StackEvent[] {
  const events: StackEvent[] = []
  const open: { bracket: Bracket; nextInner: number }[] = []
  for (const outermost of lane) {
    open.push(opened(outermost, spans, events))
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const inner = top.bracket.inner[top.nextInner++]
      if (inner !== undefined) {
        open.push(opened(inner, spans, events))
        continue
      }
      const { row } = top.bracket
      events.push({ kind: 'close', row, atNs: spans[row]?.endNs ?? 0 })
      open.pop()
    }
  }
  return events
}

/**
 * The critical path as one stack: at each instant the span that the execution was waiting for, on its ancestors. What
 * is waited for twice in a row stays open. O(segments + events): only what is not open yet is climbed.
 */
export function pathEvents(
  path: readonly PathSegment[],
  spans: readonly ExecutionSpan[],
): StackEvent[] {
  const events: StackEvent[] = []
  const open: number[] = []
  const isOpen = new Set<number>()
  for (const { spanIndex = TOP, startNs } of path) {
    const added: number[] = []
    let kept = spanIndex
    for (; kept !== TOP && !isOpen.has(kept); kept = spans[kept]?.parentRow ?? TOP) added.push(kept)
    for (let top = open.at(-1); top !== undefined && top !== kept; top = open.at(-1)) {
      isOpen.delete(top)
      close(open, startNs, events)
    }
    for (const row of added.reverse()) {
      isOpen.add(row)
      open.push(row)
      events.push({ kind: 'open', row, atNs: startNs })
    }
  }
  const endNs = path.at(-1)?.endNs ?? 0
  while (open.length > 0) close(open, endNs, events)
  return events
}

function opened(
  bracket: Bracket,
  spans: readonly ExecutionSpan[],
  events: StackEvent[],
): { bracket: Bracket; nextInner: number } {
  const { row } = bracket
  events.push({ kind: 'open', row, atNs: spans[row]?.startNs ?? 0 })
  return { bracket, nextInner: 0 }
}

function close(open: number[], atNs: number, events: StackEvent[]): void {
  const row = open.pop()
  if (row !== undefined) events.push({ kind: 'close', row, atNs })
}
