import {
  type Context,
  type Link,
  type Span,
  type SpanKind,
  SpanStatusCode,
} from '@opentelemetry/api'
import { nowNs, toHrTime } from '../clock.ts'
import { needsLiveObjects } from '../config.ts'
import { ownContext } from '../context/owned-context.ts'
import type { FlowFacts } from '../flow-catalog.ts'
import type { Lineage } from '../lineage.ts'
import { engineErrorType, errorClass, findState, isObject, stringOf } from '../qflow-surface.ts'
import { executionAttributes } from '../signals/metrics.ts'
import { OTHER } from '../signals/series.ts'
import type { Telemetry } from '../telemetry.ts'
import type { Closing, Opening } from './backlog.ts'
import type { CheckLog } from './check-log.ts'
import { type FlowOutcome, setFlowIdentity, setFlowOutcome } from './flow-attributes.ts'
import { emitStarted } from './flow-events.ts'
import { type FlowScope, isDetailed } from './flow-scope.ts'
import { SpanRecord } from './span-record.ts'

export interface FlowStart {
  readonly telemetry: Telemetry
  readonly engine: unknown
  readonly facts: FlowFacts
  readonly startNs: number
  readonly parent: Context
  readonly links: Link[]
  readonly kind: SpanKind
  readonly triggerType: string | undefined
  readonly parentExecutionId: string | undefined
  /** What `startExecution` was given; a later segment has only the engine's state. */
  readonly startContext: unknown
}

/**
 * One segment of an execution. The first begins where `startExecution` is entered, when nobody knows the execution's id;
 * `begin` is called when its `executeFlow` is. Owns the span's end, which is put off only where nobody can miss it: who waits for
 * an execution finds all its spans ended.
 */
export class FlowRecord extends SpanRecord implements FlowScope, Opening, Closing {
  readonly kind = 'flow'
  readonly isSeen = true
  readonly facts: FlowFacts
  readonly startContext: unknown
  readonly startNs: number
  readonly context: Context
  state: 'starting' | 'running' | 'ended' = 'starting'
  /** Its own, else that of the segments before. */
  triggerType: string | undefined
  parentExecutionId: string | undefined
  executionId: string | undefined
  segment: number | undefined
  isDetailed = false
  failure: FlowScope['failure']
  checks: CheckLog | undefined
  private readonly engine: unknown
  private readonly spanKind: SpanKind
  private readonly links: Link[]
  private lineage: Lineage | undefined
  private beganNs: number | undefined
  private endNs = 0
  private outcome: FlowOutcome | undefined

  constructor(start: FlowStart) {
    super(start.telemetry, start.parent)
    this.engine = start.engine
    this.facts = start.facts
    this.startNs = start.startNs
    this.spanKind = start.kind
    this.links = start.links
    this.triggerType = start.triggerType
    this.parentExecutionId = start.parentExecutionId
    this.startContext = start.startContext
    this.context = ownContext(start.parent, this, this)
  }

  protected override startSpan(parent: Context): Span {
    const { spanKind: kind, links, telemetry } = this
    const startTime = toHrTime(this.startNs)
    return telemetry.tracer.startSpan(this.facts.spanName, { kind, links, startTime }, parent)
  }

  /** `executeFlow` was entered: the execution has an id and this is its next segment. */
  begin(executionId: string, lineage: Lineage): void {
    this.state = 'running'
    this.executionId = executionId
    this.lineage = lineage
    this.segment = lineage.segmentCount++
    lineage.openCount++
    lineage.parentExecutionId ??= this.parentExecutionId
    lineage.triggerType ??= this.triggerType
    this.parentExecutionId ??= lineage.parentExecutionId
    this.triggerType ??= lineage.triggerType
    this.isDetailed = isDetailed(executionId, this.telemetry.settings)
    this.beganNs = nowNs()
    this.telemetry.backlog.open(this)
  }

  open(): void {
    const { span, beganNs, lineage, telemetry } = this
    if (beganNs === undefined || lineage === undefined) return
    this.beganNs = undefined
    lineage.last = span.spanContext()
    if (span.isRecording()) setFlowIdentity(this, telemetry)
    telemetry.tally.activeByFlow.add(this.facts.flowId ?? OTHER, 1)
    this.checks?.emitSpans(this, this.context)
    emitStarted(this, telemetry, beganNs)
  }

  /** `executeFlow` resolved, whatever became of the flow: only the engine's state says. */
  succeed(): void {
    this.endSegment(undefined, false)
  }

  fail(error: unknown): void {
    this.endSegment(error, true)
  }

  /** `startExecution` refused. There is no execution, only a span that says so. */
  reject(error: unknown): void {
    if (this.state !== 'starting') return
    const { settings, tally } = this.telemetry
    const errorType = engineErrorType(error) ?? errorClass(error)
    this.isDetailed = settings.detailMode === 'on'
    this.checks?.emitSpans(this, this.context)
    tally.rejected.add([this.facts.flowId ?? OTHER, errorType], 1)
    this.end({ status: 'rejected', errorType, error, state: undefined })
  }

  /** The id is known but the run was never seen; what is known is said and the span closed. */
  abandon(executionId: string): void {
    if (this.state !== 'starting') return
    this.executionId = executionId
    this.end({ status: undefined, errorType: undefined, error: undefined, state: undefined })
  }

  private endSegment(error: unknown, hasThrown: boolean): void {
    if (this.state !== 'running' || this.executionId === undefined) return
    const state = findState(this.engine, this.executionId)
    const status = stringOf(state?.status) ?? (hasThrown ? 'failed' : undefined)
    if (this.lineage) this.lineage.openCount--
    const errorType = hasThrown ? errorClass(error) : this.failureType(status, state?.error)
    this.end({ status, errorType, error: hasThrown ? error : state?.error, state })
  }

  /** The class of what the failing step's handler threw, if the flow failed for that step; else the engine's type. */
  private failureType(status: string | undefined, stateError: unknown): string | undefined {
    if (status !== 'failed') return undefined
    const failedStep = isObject(stateError) ? stringOf(stateError['stepId']) : undefined
    const { failure } = this
    const isItsStep =
      failure &&
      (stateError === undefined || failedStep === undefined || failedStep === failure.stepId)
    const type = engineErrorType(stateError)
    if (failure && isItsStep && (failedStep !== undefined || type === undefined)) {
      return failure.errorType
    }
    return type ?? failure?.errorType ?? OTHER
  }

  private end(outcome: FlowOutcome): void {
    this.endNs = nowNs()
    this.state = 'ended'
    this.outcome = outcome
    const { backlog, settings } = this.telemetry
    backlog.close(this)
    const isShown = needsLiveObjects(settings, settings.executionHook)
    if (isShown || !backlog.canWait) backlog.flush()
  }

  close(): void {
    // That it began may wait as well.
    this.open()
    const { endNs, facts, lineage, outcome, span, telemetry, triggerType } = this
    if (outcome === undefined) return
    if (lineage) telemetry.tally.activeByFlow.add(facts.flowId ?? OTHER, -1)
    const { status, errorType } = outcome
    if (status !== 'rejected' && telemetry.metrics.isLive()) {
      const flowId = telemetry.tally.flowName(facts.flowId)
      const attributes = executionAttributes({ flowId, triggerType, status, errorType })
      telemetry.metrics.recordExecution(endNs - this.startNs, attributes)
    }
    try {
      if (!span.isRecording()) return
      if (lineage === undefined) setFlowIdentity(this, telemetry)
      setFlowOutcome(this, outcome, telemetry)
      if (errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
      this.runHook(outcome.state, outcome.error)
    } finally {
      span.end(toHrTime(endNs))
    }
  }

  private runHook(state: unknown, error: unknown): void {
    const { executionHook } = this.telemetry.settings
    if (executionHook === undefined) return
    const { flowId } = this.facts
    this.telemetry.faults.guard('executionHook', () =>
      executionHook(this.span, { flowId, executionId: this.executionId, state, error }),
    )
  }
}
