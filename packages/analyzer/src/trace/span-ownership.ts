import type { HeldExecution, HeldSpan } from './held.ts'
import { executionIdOf, spanRole } from './span-role.ts'

/** What ownership tells the assembler, which keeps bytes, limits and activity. */
export interface OwnershipEvents {
  /** False: the execution is full; the span is let go. */
  own(execution: HeldExecution, span: HeldSpan): boolean
  host(execution: HeldExecution, guest: HeldSpan): void
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
  if (owner !== undefined && !events.own(owner, span)) return
  if (named !== undefined && spanRole(record) === 'execution') {
    if (parent?.owner === undefined) waitFor(span)
    else if (parent.owner !== named) events.host(parent.owner, span)
  } else if (owner === undefined) waitFor(span)
  if (owner !== undefined && trace.waiting !== undefined) placeWaiting(span, trace.waiting, events)
}

/** Places a span of an execution that shares its trace with no other, which knows it already. */
export function placeAgain(span: HeldSpan, execution: HeldExecution): void {
  const isNamed = executionIdOf(span.record.attributes) !== undefined
  placeSpan(span, isNamed ? execution : undefined, QUIETLY)
}

const QUIETLY: OwnershipEvents = {
  own(execution, span) {
    adopt(execution, span)
    return true
  },
  host() {
    // There is no other execution that could.
  },
}

/** Lets a span wait again that was placed before and came back to its trace, where it still has to. */
export function waitAgain(span: HeldSpan): void {
  const { trace, record, owner } = span
  if (owner === undefined) waitFor(span)
  else if (spanRole(record) === 'execution' && executionIdOf(record.attributes) !== undefined) {
    const parent = trace.spans.get(record.parentSpanId ?? '')
    if (parent?.owner === undefined) waitFor(span)
  }
}

/** The span belongs to this execution from now on. */
export function adopt(execution: HeldExecution, span: HeldSpan): void {
  span.ownerIndex = execution.spans.push(span) - 1
  span.owner = execution
  span.trace.freeCount--
  execution.spansBytes += span.bytes
}

/** The span belongs to nobody from now on. O(1): the owner's last span takes its place. */
export function disown(span: HeldSpan): void {
  const { owner } = span
  if (owner === undefined) return
  const last = owner.spans.pop()
  if (last !== undefined && last !== span) {
    owner.spans[span.ownerIndex] = last
    last.ownerIndex = span.ownerIndex
  }
  span.owner = undefined
  span.trace.freeCount++
  owner.spansBytes -= span.bytes
}

/** Takes a span out of its trace. */
export function unlinkSpan(span: HeldSpan): void {
  const { trace, record, previousWaiting, nextWaiting } = span
  if (trace.spans.get(record.spanId) === span) trace.spans.delete(record.spanId)
  if (nextWaiting !== undefined) nextWaiting.previousWaiting = previousWaiting
  if (previousWaiting !== undefined) previousWaiting.nextWaiting = nextWaiting
  else if (record.parentSpanId !== undefined && trace.waiting?.get(record.parentSpanId) === span) {
    if (nextWaiting === undefined) trace.waiting.delete(record.parentSpanId)
    else trace.waiting.set(record.parentSpanId, nextWaiting)
  }
  span.previousWaiting = undefined
  span.nextWaiting = undefined
}

function waitFor(span: HeldSpan): void {
  const { parentSpanId } = span.record
  if (parentSpanId === undefined) return
  span.trace.waiting ??= new Map()
  const { waiting } = span.trace
  const first = waiting.get(parentSpanId)
  span.nextWaiting = first
  if (first !== undefined) first.previousWaiting = span
  waiting.set(parentSpanId, span)
}

function placeWaiting(
  placed: HeldSpan,
  waiting: Map<string, HeldSpan>,
  events: OwnershipEvents,
): void {
  const open = [placed]
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    const { owner } = span
    let child = waiting.get(span.record.spanId)
    if (owner === undefined || child === undefined) continue
    waiting.delete(span.record.spanId)
    while (child !== undefined) {
      const next: HeldSpan | undefined = child.nextWaiting
      child.previousWaiting = undefined
      child.nextWaiting = undefined
      if (child.owner === undefined) {
        if (events.own(owner, child)) open.push(child)
      } else if (child.owner !== owner) events.host(owner, child)
      child = next
    }
  }
}
