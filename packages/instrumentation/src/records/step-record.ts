import { type Context, type Span, SpanStatusCode } from '@opentelemetry/api'
import { nowNs, toHrTime } from '../clock.ts'
import { ownContext } from '../context/owned-context.ts'
import type { StepFacts } from '../flow-catalog.ts'
import { PhaseClock } from '../phases.ts'
import { engineErrorType, errorClass, isObject, type StepSurface } from '../qflow-surface.ts'
import { type ResourceSample, SAMPLE_PERIOD_NS } from '../resource-sampler.ts'
import type { Telemetry } from '../telemetry.ts'
import type { AttemptLog } from './attempt-log.ts'
import type { FlowScope } from './flow-scope.ts'
import { setStepAttributes } from './step-attributes.ts'

export interface StepStart {
  readonly telemetry: Telemetry
  readonly scope: FlowScope
  readonly facts: StepFacts
  readonly step: StepSurface
  readonly executionId: string
  readonly span: Span
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
export class StepRecord {
  readonly kind = 'step'
  readonly scope: FlowScope
  readonly facts: StepFacts
  readonly step: StepSurface
  readonly executionId: string
  readonly span: Span
  readonly context: Context
  readonly phases: PhaseClock
  readonly queueNs: number
  readonly groupId: string | undefined
  isEnded = false
  cacheHits = 0
  cacheMisses = 0
  /** Whether the pipeline said how its layers were answered. */
  hasCacheFigures = false
  attempts: AttemptLog | undefined
  /** Class of what the last attempt threw. */
  thrownType: string | undefined
  /** When the running handler started children of its own side by side; `undefined` for other handlers. */
  parallelSinceNs: number | undefined
  /** Children of a parallel step that have started. */
  startedChildren: Set<string> | undefined
  private readonly telemetry: Telemetry
  private readonly startNs: number
  private readonly first: ResourceSample
  private readonly mark: number

  constructor(start: StepStart) {
    this.telemetry = start.telemetry
    this.scope = start.scope
    this.facts = start.facts
    this.step = start.step
    this.executionId = start.executionId
    this.span = start.span
    this.startNs = start.startNs
    this.queueNs = start.queueNs
    this.groupId = start.groupId
    this.context = ownContext(start.parent, start.span, this)
    this.phases = new PhaseClock(start.startNs)
    this.mark = start.telemetry.openSteps.open()
    this.first = start.telemetry.sampler.sample(start.startNs)
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
    const isShared = this.telemetry.openSteps.close(this.mark)
    this.isEnded = true
    this.phases.finish(endNs)
    this.attempts?.endOpen(endNs)
    if (errorType !== undefined) this.scope.failure = { stepId: this.facts.id, errorType }
    const resources = this.resources(endNs, isShared)
    this.tally(endNs, errorType, resources)
    const { span } = this
    if (!span.isRecording()) {
      // A span that is sampled out still has to be ended: some processors count.
      span.end(toHrTime(endNs))
      return
    }
    try {
      setStepAttributes(this, { errorType, resources, telemetry: this.telemetry, result, error })
      if (errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
      this.runHook(result, error)
    } finally {
      span.end(toHrTime(endNs))
    }
  }

  private tally(
    endNs: number,
    errorType: string | undefined,
    resources: StepResources | undefined,
  ): void {
    const { metrics, tally } = this.telemetry
    const { series } = this.facts
    const { totalsNs } = this.phases
    for (let phase = 0; phase < totalsNs.length; phase++) {
      series.phaseNs[phase] = (series.phaseNs[phase] ?? 0) + (totalsNs[phase] ?? 0)
    }
    series.queueNs += this.queueNs
    if (resources?.attribution === 'shared') series.cpuSharedMicros += resources.cpuMicros
    else if (resources) series.cpuExclusiveMicros += resources.cpuMicros
    tally.steps.countOverflow(series)
    if (metrics.isLive()) {
      const spanNs = endNs - this.startNs + this.queueNs
      metrics.recordStep(spanNs, series.durationAttributes(errorType))
    }
  }

  /** Absent for a step shorter than the sampler's period: both ends would share one reading. */
  private resources(endNs: number, isShared: boolean): StepResources | undefined {
    if (endNs - this.startNs < SAMPLE_PERIOD_NS) return undefined
    const last = this.telemetry.sampler.sample(endNs)
    const hasCollected = last.gcCount !== this.first.gcCount
    return {
      cpuMicros: last.cpuMicros - this.first.cpuMicros,
      heapGrowthBytes: hasCollected ? undefined : last.heapBytes - this.first.heapBytes,
      attribution: isShared ? 'shared' : 'exclusive',
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
