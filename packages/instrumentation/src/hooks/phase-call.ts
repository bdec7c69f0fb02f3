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
import type { Call } from '../patching/wrap.ts'
import type { Phase } from '../phases.ts'
import { errorClass } from '../qflow-surface.ts'
import type { StepRecord } from '../records/step-record.ts'
import type { Telemetry } from '../telemetry.ts'

/** A call that is one phase of its step while it runs; in detail mode it has a span as well. */
export class PhaseCall implements Call {
  readonly context: Context | undefined
  protected readonly record: StepRecord
  protected readonly span: Span | undefined
  protected readonly startNs: number
  private readonly phase: Phase

  constructor(record: StepRecord, phase: Phase, detail: Detail | undefined) {
    this.record = record
    this.phase = phase
    this.startNs = nowNs()
    record.phases.enter(phase, this.startNs)
    if (detail === undefined) return
    this.span = startDetail(detail, record, this.startNs)
    this.context = ownContext(detail.active, { span: this.span }, record)
  }

  succeed(_value: unknown): void {
    this.end(undefined)
  }

  fail(error: unknown): void {
    this.end(errorClass(error))
  }

  /** Returns when it ended. */
  protected end(errorType: string | undefined): number {
    const endNs = nowNs()
    if (!this.record.isEnded) this.record.phases.leave(this.phase, endNs)
    if (this.span) endDetail(this.span, endNs, errorType)
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
