import { type HrTime, SpanStatusCode } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { durationNs, nsOf, phasesOf, sumOf } from './test-telemetry.ts'

/** What cannot be true in a set of finished spans, as sentences; an empty list is what every test wants. */
export function untruths(spans: readonly ReadableSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]))
  const parentOf = (span: ReadableSpan) => byId.get(span.parentSpanContext?.spanId ?? '')
  return [
    ...spans.flatMap((span) => statusFaults(span)),
    ...spans.flatMap((span) => parentFaults(span, parentOf(span))),
    ...spans.filter(isStep).flatMap((span) => stepFaults(span, parentOf(span))),
    ...segmentFaults(spans.filter((span) => isFlow(span) && idOf(span) !== undefined)),
    ...attemptFaults(spans.filter((span) => span.name.startsWith('attempt '))),
  ]
}

export function isFlow(span: ReadableSpan): boolean {
  return span.name.startsWith('execute_flow')
}

export function isStep(span: ReadableSpan): boolean {
  return span.name.startsWith('execute_step')
}

/** Names of the steps of one segment, in the order of their starts. */
export function stepsOf(spans: readonly ReadableSpan[], flow: ReadableSpan): string[] {
  return spans
    .filter((span) => isStep(span) && isChild(span, flow))
    .sort((a, b) => Number(nsOf(a.startTime) - nsOf(b.startTime)))
    .map((span) => span.name.replace('execute_step ', ''))
}

export function isChild(span: ReadableSpan, parent: ReadableSpan): boolean {
  return span.parentSpanContext?.spanId === parent.spanContext().spanId
}

function statusFaults(span: ReadableSpan): string[] {
  const hasType = span.attributes['error.type'] !== undefined
  const isError = span.status.code === SpanStatusCode.ERROR
  const faults = []
  if (hasType !== isError) faults.push(`${span.name}: status and error.type disagree`)
  if (!isError && span.status.code !== SpanStatusCode.UNSET) faults.push(`${span.name}: status set`)
  if (span.status.message !== undefined) faults.push(`${span.name}: a message`)
  if (durationNs(span) < 0) faults.push(`${span.name}: ends before it starts`)
  return faults
}

function parentFaults(span: ReadableSpan, parent: ReadableSpan | undefined): string[] {
  if (parent === undefined) return []
  const faults = []
  if (parent.spanContext().traceId !== span.spanContext().traceId) {
    faults.push(`${span.name}: another trace than its parent ${parent.name}`)
  }
  if (isBefore(span.startTime, parent.startTime))
    faults.push(`${span.name}: starts before its parent`)
  // A resume may be a child of the segment before it.
  const isSubFlow = isFlow(span) && idOf(span) !== idOf(parent)
  if (isSubFlow && span.attributes['qflow.execution.parent.id'] !== idOf(parent)) {
    faults.push(`${span.name}: names another parent execution than its parent span's`)
  }
  // A sub-flow, like any background work, may outlive who started it.
  if (!isFlow(span) && isFlow(parent) && isBefore(parent.endTime, span.endTime)) {
    faults.push(`${span.name}: ends after its flow`)
  }
  return faults
}

function stepFaults(span: ReadableSpan, parent: ReadableSpan | undefined): string[] {
  const faults = []
  const sumNs = sumOf(phasesOf(span))
  if (sumNs !== durationNs(span)) {
    faults.push(`${span.name}: phases ${sumNs} ns of ${durationNs(span)} ns`)
  }
  if (parent === undefined) faults.push(`${span.name}: no parent`)
  else if (idOf(parent) !== idOf(span)) faults.push(`${span.name}: under another execution`)
  return faults
}

/** Segments of an execution count up from 0, and each is linked to one before it. */
function segmentFaults(flows: readonly ReadableSpan[]): string[] {
  const byExecution = groupBy(flows, idOf)
  return [...byExecution].flatMap(([id, segments]) => {
    const sorted = segments.sort((a, b) => segmentOf(a) - segmentOf(b))
    const faults = sorted.flatMap((span, index) => {
      if (segmentOf(span) !== index) return [`${id}: segment ${segmentOf(span)}, expected ${index}`]
      if (index === 0) return []
      const earlier = sorted.slice(0, index).map((one) => one.spanContext().spanId)
      const isTied = [...span.links.map(({ context }) => context), span.parentSpanContext].some(
        (context) => context !== undefined && earlier.includes(context.spanId),
      )
      return isTied ? [] : [`${id}: segment ${index} is tied to none before it`]
    })
    return faults
  })
}

function attemptFaults(attempts: readonly ReadableSpan[]): string[] {
  const byStep = groupBy(attempts, (span) => span.parentSpanContext?.spanId)
  return [...byStep.values()].flatMap((siblings) => {
    const sorted = siblings.sort((a, b) => numberOf(a) - numberOf(b))
    return sorted.flatMap((span, index) => {
      if (numberOf(span) !== index + 1) return [`${span.name}: number ${numberOf(span)}`]
      const before = sorted[index - 1]?.spanContext().spanId
      const links = span.links.map(({ context }) => context.spanId)
      return links.join() === (before ?? '')
        ? []
        : [`${span.name}: linked to ${links}, not ${before}`]
    })
  })
}

function idOf(span: ReadableSpan): unknown {
  return span.attributes['qflow.execution.id']
}

function segmentOf(span: ReadableSpan): number {
  return Number(span.attributes['qflow.execution.segment'])
}

function numberOf(span: ReadableSpan): number {
  return Number(span.attributes['qflow.step.attempt'])
}

function isBefore(a: HrTime, b: HrTime): boolean {
  return nsOf(a) < nsOf(b)
}

function groupBy(
  spans: readonly ReadableSpan[],
  keyOf: (span: ReadableSpan) => unknown,
): Map<unknown, ReadableSpan[]> {
  const groups = new Map<unknown, ReadableSpan[]>()
  for (const span of spans) groups.set(keyOf(span), [...(groups.get(keyOf(span)) ?? []), span])
  return groups
}
