import { type Context, type Span, SpanStatusCode } from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
  ATTR_QFLOW_STEP_ID,
} from '@qflow-otel/semconv'
import { nowNs, toHrTime } from '../clock.ts'
import { ownContext } from '../context/owned-context.ts'
import type { Call, Enter } from '../patching/wrap.ts'
import type { Phase } from '../phases.ts'
import { errorClass } from '../qflow-surface.ts'
import { openStepOf } from '../records/owner.ts'
import type { StepRecord } from '../records/step-record.ts'
import type { Telemetry } from '../telemetry.ts'

/** A method whose calls are one phase of their step. */
export interface PhaseKind {
  readonly phase: Phase
  /** Name of the span that detail mode makes of a call; without one there is none. */
  readonly spanName?: string
  /** Looks at what the call is made with, where it has a span. */
  onStart?(span: Span, self: unknown, args: unknown[]): void
  onValue?(value: unknown, call: PhaseCall): void
}

/** The hook of such a method. All of them share this code, so that a step which comes back from waiting loads it once. */
export function phaseHook(telemetry: Telemetry, kind: PhaseKind): Enter {
  const { spanName } = kind
  return (self, args) => {
    const active = telemetry.carrier.active()
    const record = openStepOf(active)
    if (record === undefined) return undefined
    if (spanName === undefined || !record.scope.isDetailed) return new PhaseCall(record, kind)
    const call = new PhaseCall(record, kind, { telemetry, name: spanName, active })
    if (call.span) kind.onStart?.(call.span, self, args)
    return call
  }
}

/** A call that is one phase of its step while it runs; in detail mode it has a span as well. */
export class PhaseCall implements Call {
  readonly context: Context | undefined
  readonly record: StepRecord
  readonly span: Span | undefined
  protected readonly startNs: number
  private readonly kind: PhaseKind

  constructor(record: StepRecord, kind: PhaseKind, detail?: Detail) {
    this.record = record
    this.kind = kind
    this.startNs = nowNs()
    record.phases.enter(kind.phase, this.startNs)
    if (detail === undefined) return
    this.span = startDetail(detail, record, this.startNs)
    this.context = ownContext(detail.active, { span: this.span }, record)
  }

  succeed(value: unknown): void {
    const endNs = this.leave()
    this.kind.onValue?.(value, this)
    if (this.span) endDetail(this.span, endNs, undefined)
  }

  fail(error: unknown): void {
    const endNs = this.leave()
    if (this.span) endDetail(this.span, endNs, errorClass(error))
  }

  /** Returns when it ended. */
  protected leave(): number {
    const endNs = nowNs()
    const { record } = this
    if (!record.isEnded) record.phases.leave(this.kind.phase, endNs)
    return endNs
  }
}

/** A child span that only detail mode makes. */
export interface Detail {
  readonly telemetry: Telemetry
  readonly name: string
  readonly active: Context
}

export function startDetail(
  { telemetry, name, active }: Detail,
  record: StepRecord,
  ns: number,
): Span {
  const span = telemetry.tracer.startSpan(name, { startTime: toHrTime(ns) }, active)
  const { flowId, version } = record.scope.facts
  if (flowId !== undefined) span.setAttribute(ATTR_QFLOW_FLOW_ID, flowId)
  if (version !== undefined) span.setAttribute(ATTR_QFLOW_FLOW_VERSION, version)
  span.setAttribute(ATTR_QFLOW_EXECUTION_ID, telemetry.tally.clip(record.executionId))
  span.setAttribute(ATTR_QFLOW_STEP_ID, record.facts.id)
  return span
}

export function endDetail(span: Span, endNs: number, errorType: string | undefined): void {
  if (errorType !== undefined) {
    span.setAttribute(ATTR_ERROR_TYPE, errorType)
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end(toHrTime(endNs))
}
