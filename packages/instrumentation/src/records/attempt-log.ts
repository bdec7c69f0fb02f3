import {
  type Context,
  type Link,
  type Span,
  type SpanContext,
  SpanStatusCode,
} from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
  ATTR_QFLOW_STEP_ATTEMPT,
  ATTR_QFLOW_STEP_ID,
} from '@qflow-otel/semconv'
import { toHrTime } from '../clock.ts'
import type { Telemetry } from '../telemetry.ts'
import type { StepRecord } from './step-record.ts'

/** One call of the step's type handler. */
export interface Attempt {
  readonly number: number
  readonly startNs: number
  /** `undefined` while the handler runs; one that was abandoned by a timeout may outlive the step. */
  endNs: number | undefined
  errorType: string | undefined
  /** Open; taken away once it has been ended. */
  span: Span | undefined
  spanContext: SpanContext | undefined
}

/**
 * The attempts of one step. The first gets no span until there is a second, since most steps have one; it is then made
 * back-dated, and what it called stays a child of the step.
 */
export class AttemptLog {
  count = 0
  private current: Attempt | undefined
  /** Attempts with a span whose handler had not settled when the next one began. */
  private abandoned: Attempt[] | undefined

  begin(startNs: number): Attempt {
    this.count++
    this.current = {
      number: this.count,
      startNs,
      endNs: undefined,
      errorType: undefined,
      span: undefined,
      spanContext: undefined,
    }
    return this.current
  }

  /** Begins a later attempt and gives it, and the first one if need be, a span. */
  beginAnother(
    startNs: number,
    record: StepRecord,
    telemetry: Telemetry,
    parent: Context,
  ): Attempt {
    const before = this.current
    const links: Link[] = []
    if (before) {
      if (before.number === 1) before.span = startAttempt(before, record, telemetry, parent, [])
      if (before.spanContext) links.push({ context: before.spanContext })
      if (before.endNs !== undefined) endAttempt(before, before.endNs)
      else {
        this.abandoned ??= []
        this.abandoned.push(before)
      }
    }
    const attempt = this.begin(startNs)
    attempt.span = startAttempt(attempt, record, telemetry, parent, links)
    return attempt
  }

  settle(attempt: Attempt, endNs: number, errorType: string | undefined): void {
    if (attempt.endNs !== undefined) return
    attempt.endNs = endNs
    attempt.errorType = errorType
    const isLate = this.abandoned?.includes(attempt) === true
    // The latest attempt ends with its own handler; the first one only once there is a second.
    if (attempt.span && (isLate || attempt.number > 1)) endAttempt(attempt, endNs)
  }

  /** The step ended; what still runs is no longer part of it. */
  endOpen(endNs: number): void {
    for (const attempt of this.abandoned ?? []) this.settle(attempt, endNs, undefined)
    if (this.current) this.settle(this.current, endNs, undefined)
  }
}

function startAttempt(
  attempt: Attempt,
  record: StepRecord,
  { tracer, tally }: Telemetry,
  parent: Context,
  links: Link[],
): Span {
  const { scope, facts, executionId } = record
  const startTime = toHrTime(attempt.startNs)
  const span = tracer.startSpan(facts.attemptName, { startTime, links }, parent)
  attempt.spanContext = span.spanContext()
  if (!span.isRecording()) return span
  const { flowId, version } = scope.facts
  if (flowId !== undefined) span.setAttribute(ATTR_QFLOW_FLOW_ID, flowId)
  if (version !== undefined) span.setAttribute(ATTR_QFLOW_FLOW_VERSION, version)
  span.setAttribute(ATTR_QFLOW_EXECUTION_ID, tally.clip(executionId))
  span.setAttribute(ATTR_QFLOW_STEP_ID, facts.id)
  span.setAttribute(ATTR_QFLOW_STEP_ATTEMPT, attempt.number)
  return span
}

function endAttempt(attempt: Attempt, endNs: number): void {
  const { span, errorType } = attempt
  attempt.span = undefined
  if (errorType !== undefined) {
    span?.setAttribute(ATTR_ERROR_TYPE, errorType)
    span?.setStatus({ code: SpanStatusCode.ERROR })
  }
  span?.end(toHrTime(endNs))
}
