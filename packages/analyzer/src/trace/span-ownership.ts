import type { HeldExecution, HeldSpan } from './held.ts'
import { spanRole } from './span-role.ts'

/** What ownership tells the assembler, which keeps bytes, limits and activity. */
export interface OwnershipEvents {
  /** False: the execution is full; the span is let go. */
  readonly own: (execution: HeldExecution, span: HeldSpan) => boolean
  readonly host: (execution: HeldExecution, guest: HeldSpan) => void
}

/**
 * Places a new span: it belongs to the execution it names, else to the one of its nearest ancestor, else it is free
 * until one is known. What waited for it is placed too. Every span is placed once, whatever the order of arrival:
 * O(1) amortised. No recursion.
 */
export function placeSpan(
  span: HeldSpan,
  named: HeldExecution | undefined,
  events: OwnershipEvents,
): void {
  const { trace, record } = span
  const parent =
    record.parentSpanId === undefined ? undefined : trace.spans.get(record.parentSpanId)
  const owner = named ?? parent?.owner
  if (owner === undefined) trace.free.add(span)
  else if (!claim(owner, span, events)) return
  if (isRootOf(span, named)) {
    if (parent?.owner === undefined) waitFor(span)
    else if (parent.owner !== named) events.host(parent.owner, span)
  } else if (owner === undefined) waitFor(span)
  if (owner !== undefined) placeWaiting(span, events)
}

/** Takes a span out of its trace. */
export function removeSpan(span: HeldSpan): void {
  const { trace, record } = span
  if (trace.spans.get(record.spanId) === span) trace.spans.delete(record.spanId)
  trace.free.delete(span)
  if (record.parentSpanId === undefined) return
  const waiting = trace.waiting.get(record.parentSpanId)
  waiting?.delete(span)
  if (waiting?.size === 0) trace.waiting.delete(record.parentSpanId)
}

function claim(owner: HeldExecution, span: HeldSpan, events: OwnershipEvents): boolean {
  if (!events.own(owner, span)) return false
  span.owner = owner
  span.trace.free.delete(span)
  return true
}

function isRootOf(span: HeldSpan, named: HeldExecution | undefined): boolean {
  return named !== undefined && spanRole(span.record) === 'execution'
}

function waitFor(span: HeldSpan): void {
  const { parentSpanId } = span.record
  if (parentSpanId === undefined) return
  const waiting = span.trace.waiting.get(parentSpanId)
  if (waiting === undefined) span.trace.waiting.set(parentSpanId, new Set([span]))
  else waiting.add(span)
}

function placeWaiting(placed: HeldSpan, events: OwnershipEvents): void {
  const { trace } = placed
  const open = [placed]
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    const { owner } = span
    const waiting = trace.waiting.get(span.record.spanId)
    if (owner === undefined || waiting === undefined) continue
    trace.waiting.delete(span.record.spanId)
    for (const child of waiting) {
      if (child.owner === undefined) {
        if (claim(owner, child, events)) open.push(child)
        else removeSpan(child)
      } else if (child.owner !== owner) events.host(owner, child)
    }
  }
}
