import { type Context, type Link, type Span, SpanStatusCode } from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
  ATTR_QFLOW_STEP_ATTEMPT,
  ATTR_QFLOW_STEP_ID,
} from '@qflow-otel/semconv'
import { nowNs, toHrTime } from '../clock.ts'
import { ownContext } from '../context/owned-context.ts'
import type { Call } from '../patching/wrap.ts'
import { WORK } from '../phases.ts'
import { errorClass } from '../qflow-surface.ts'
import type { Telemetry } from '../telemetry.ts'
import type { StepRecord } from './step-record.ts'

/** One call of the step's type handler; the work of the step while it runs. */
export class Attempt implements Call {
  readonly number: number
  readonly startNs: number
  context: Context | undefined
  /** `undefined` while the handler runs; one that was abandoned by a timeout may outlive the step. */
  endNs: number | undefined
  /** The first has one only once there is a second; taken away once it has been ended. */
  span: Span | undefined
  private readonly record: StepRecord
  private errorType: string | undefined
  private isOver = false

  constructor(record: StepRecord, number: number, startNs: number) {
    this.record = record
    this.number = number
    this.startNs = startNs
    record.phases.enter(WORK, startNs)
  }

  succeed(): void {
    this.settle(this.endWork(undefined), undefined)
  }

  fail(error: unknown): void {
    const errorType = errorClass(error)
    this.settle(this.endWork(errorType), errorType)
  }

  /** The engine stopped waiting: the work that goes on is nobody's phase any more. */
  abandon(reason: unknown): void {
    this.endWork(errorClass(reason))
  }

  /** The handler is over, or the step is. */
  settle(endNs: number, errorType: string | undefined): void {
    if (this.endNs !== undefined) return
    this.endNs = endNs
    this.errorType = errorType
    this.endSpan()
  }

  startSpan({ tracer, tally }: Telemetry, links: Link[]): Span {
    const { scope, facts, executionId, context: parent } = this.record
    const startTime = toHrTime(this.startNs)
    const span = tracer.startSpan(facts.attemptName, { startTime, links }, parent)
    this.span = span
    if (!span.isRecording()) return span
    const { flowId, version } = scope.facts
    if (flowId !== undefined) span.setAttribute(ATTR_QFLOW_FLOW_ID, flowId)
    if (version !== undefined) span.setAttribute(ATTR_QFLOW_FLOW_VERSION, version)
    span.setAttribute(ATTR_QFLOW_EXECUTION_ID, tally.clip(executionId))
    span.setAttribute(ATTR_QFLOW_STEP_ID, facts.id)
    span.setAttribute(ATTR_QFLOW_STEP_ATTEMPT, this.number)
    return span
  }

  /** What the handler does is a child of its span. */
  runInside(active: Context, span: Span): void {
    this.context = ownContext(active, { span }, this.record)
  }

  /** Ends its span, where it has one, once it is over itself. */
  endSpan(): void {
    const { span, endNs, errorType } = this
    if (span === undefined || endNs === undefined) return
    this.span = undefined
    if (errorType !== undefined) {
      span.setAttribute(ATTR_ERROR_TYPE, errorType)
      span.setStatus({ code: SpanStatusCode.ERROR })
    }
    span.end(toHrTime(endNs))
  }

  private endWork(errorType: string | undefined): number {
    const { record } = this
    const endNs = nowNs()
    if (this.isOver || record.isEnded) return endNs
    this.isOver = true
    record.phases.leave(WORK, endNs)
    record.phases.markAttemptEnd(endNs)
    record.thrownType = errorType
    return endNs
  }
}
