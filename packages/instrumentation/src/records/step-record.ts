import { type Context, type Span, SpanStatusCode } from '@opentelemetry/api'
import { nowNs, toHrTime } from '../clock.ts'
import { needsLiveObjects } from '../config.ts'
import { ownContext } from '../context/owned-context.ts'
import type { StepFacts } from '../flow-catalog.ts'
import { PhaseClock } from '../phases.ts'
import { engineErrorType, errorClass, isObject, type StepSurface } from '../qflow-surface.ts'
import { type ResourceSample, SAMPLE_PERIOD_NS } from '../resource-sampler.ts'
import type { Telemetry } from '../telemetry.ts'
import type { Attempt } from './attempt.ts'
import type { AttemptLog } from './attempt-log.ts'
import type { Closing, Opening } from './backlog.ts'
import type { FlowScope } from './flow-scope.ts'
import { SpanRecord } from './span-record.ts'
import { setStepAttributes } from './step-attributes.ts'

export interface StepStart {
  readonly telemetry: Telemetry
  readonly scope: FlowScope
  readonly facts: StepFacts
  readonly step: StepSurface
  readonly executionId: string
  readonly parent: Context
  /** When the step itself began; the span may begin earlier, with the group. */
  readonly startNs: number
  readonly queueNs: number
  readonly groupId: string | undefined
}

/** CPU and heap of the process over a step. */
export interface StepResources {
  readonly cpuMicros: number
  readonly heapGrowthBytes: number | undefined
  readonly attribution: 'exclusive' | 'shared'
}

/** One open step: its span, its phases and what the hooks inside it find. Owns the span's end. */
export class StepRecord extends SpanRecord implements Opening, Closing {
  readonly kind = 'step'
  readonly scope: FlowScope
  readonly facts: StepFacts
  readonly step: StepSurface
  readonly executionId: string
  readonly context: Context
  readonly phases: PhaseClock
  readonly queueNs: number
  readonly groupId: string | undefined
  isEnded = false
  cacheHits = 0
  cacheMisses = 0
  /** Whether the pipeline said how its layers were answered. */
  hasCacheFigures = false
  firstAttempt: Attempt | undefined
  /** Once there is a second attempt; most steps have one. */
  attempts: AttemptLog | undefined
  /** Class of what the last attempt threw. */
  thrownType: string | undefined
  /** When the running handler started children of its own side by side; `undefined` for other handlers. */
  parallelSinceNs: number | undefined
  /** Children of a parallel step that have started. */
  startedChildren: Set<string> | undefined
  private readonly startNs: number
  private first: ResourceSample | undefined
  private mark = 0
  private endNs = 0
  private errorType: string | undefined
  private last: ResourceSample | undefined
  private isShared = false

  constructor(start: StepStart) {
    super(start.telemetry, start.parent)
    this.scope = start.scope
    this.facts = start.facts
    this.step = start.step
    this.executionId = start.executionId
    this.startNs = start.startNs
    this.queueNs = start.queueNs
    this.groupId = start.groupId
    this.context = ownContext(start.parent, this, this)
    this.phases = new PhaseClock(start.startNs)
  }

  /** The step runs from now on. */
  begin(): void {
    const { telemetry } = this
    this.mark = telemetry.openSteps.open()
    this.first = telemetry.sampler.mark(this.startNs)
    telemetry.backlog.open(this)
  }

  protected override startSpan(parent: Context): Span {
    const startTime = toHrTime(this.startNs - this.queueNs)
    return this.telemetry.tracer.startSpan(this.facts.spanName, { startTime }, parent)
  }

  /** `executeStep` resolved; its result says whether the step failed. */
  succeed(result: unknown): void {
    const failed = isObject(result) && result['success'] === false
    const error = failed ? result['error'] : undefined
    const errorType = failed
      ? (this.thrownType ?? engineErrorType(error) ?? errorClass(error))
      : undefined
    this.end(errorType, result, error)
  }

  /** `executeStep` itself rejected or threw, which Qflow's never does. */
  fail(error: unknown): void {
    this.end(errorClass(error), undefined, error)
  }

  private end(errorType: string | undefined, result: unknown, error: unknown): void {
    const endNs = nowNs()
    const { telemetry } = this
    const isShared = telemetry.openSteps.close(this.mark)
    this.isEnded = true
    this.endNs = endNs
    this.errorType = errorType
    this.phases.finish(endNs)
    if (this.attempts) this.attempts.endOpen(endNs)
    else this.firstAttempt?.settle(endNs, undefined)
    if (errorType !== undefined) this.scope.failure = { stepId: this.facts.id, errorType }
    this.isShared = isShared
    const { settings } = telemetry
    const isTold = !this.scope.isSeen || needsLiveObjects(settings, settings.stepHook)
    if (isTold) telemetry.backlog.flush()
    if (endNs - this.startNs >= SAMPLE_PERIOD_NS) this.last = telemetry.sampler.mark(endNs)
    if (isTold) this.close({ result, error })
    else telemetry.backlog.close(this)
  }

  open(): void {
    if (!this.isEnded) void this.span
  }

  close(live?: { readonly result: unknown; readonly error: unknown }): void {
    const { span, errorType } = this
    const resources = this.resources()
    this.tally(resources)
    if (!span.isRecording()) {
      // A span that is sampled out still has to be ended: some processors count.
      span.end(toHrTime(this.endNs))
      return
    }
    try {
      const { telemetry } = this
      setStepAttributes(this, { errorType, resources, telemetry, live })
      if (errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
      if (live) this.runHook(live.result, live.error)
    } finally {
      span.end(toHrTime(this.endNs))
    }
  }

  private tally(resources: StepResources | undefined): void {
    const { metrics, tally } = this.telemetry
    const { series } = this.facts
    const { totalsNs } = this.phases
    for (let phase = 0; phase < totalsNs.length; phase++) {
      const ns = totalsNs[phase]
      if (ns) series.phaseNs[phase] = (series.phaseNs[phase] ?? 0) + ns
    }
    series.queueNs += this.queueNs
    if (resources?.attribution === 'shared') series.cpuSharedMicros += resources.cpuMicros
    else if (resources) series.cpuExclusiveMicros += resources.cpuMicros
    tally.steps.countOverflow(series)
    if (metrics.isLive()) {
      const spanNs = this.endNs - this.startNs + this.queueNs
      metrics.recordStep(spanNs, series.durationAttributes(this.errorType))
    }
  }

  /** Absent for a step shorter than the sampler's period: both ends would share one sample. */
  private resources(): StepResources | undefined {
    const { first, last } = this
    if (first === undefined || last === undefined) return undefined
    this.telemetry.sampler.read()
    if (first.reading === 0 || last.reading === 0) return undefined
    const isGrowthKnown = last.reading !== first.reading && last.gcCount === first.gcCount
    return {
      cpuMicros: last.cpuMicros - first.cpuMicros,
      heapGrowthBytes: isGrowthKnown ? last.heapBytes - first.heapBytes : undefined,
      attribution: this.isShared ? 'shared' : 'exclusive',
    }
  }

  private runHook(result: unknown, error: unknown): void {
    const { stepHook } = this.telemetry.settings
    if (stepHook === undefined) return
    const { executionId, step } = this
    const { flowId } = this.scope.facts
    this.telemetry.faults.guard('stepHook', () =>
      stepHook(this.span, { flowId, executionId, step, result, error }),
    )
  }
}
