import type { Context } from '@opentelemetry/api'
import { nowNs } from '../clock.ts'
import { ownContext } from '../context/owned-context.ts'
import type { Call, Enter } from '../patching/wrap.ts'
import { WORK } from '../phases.ts'
import { errorClass, isObject, isStep } from '../qflow-surface.ts'
import { type Attempt, AttemptLog } from '../records/attempt-log.ts'
import { openStepOf } from '../records/owner.ts'
import type { StepRecord } from '../records/step-record.ts'
import type { Telemetry } from '../telemetry.ts'

/** Whether the handler starts steps of its own side by side. */
export interface HandlerKind {
  readonly isParallel: boolean
}

/**
 * `executeTask` and its siblings: the step's work. A second call within one step is another attempt; from then on each has
 * a span, and the time between them is `retry_backoff`.
 */
export function attemptHook(telemetry: Telemetry, { isParallel }: HandlerKind): Enter {
  return (_engine, args) => {
    const active = telemetry.carrier.active()
    const record = openStepOf(active)
    if (record === undefined) return undefined
    // A container that calls the handlers of its children itself does its own work.
    if (isStep(args[0]) && args[0].id !== record.facts.id) return undefined
    const startNs = nowNs()
    record.attempts ??= new AttemptLog()
    if (isParallel) record.parallelSinceNs ??= startNs
    if (record.attempts.count === 0) {
      const attempt = record.attempts.begin(startNs)
      return work(record, attempt, startNs, undefined, args)
    }
    record.phases.claimGap(startNs)
    const attempt = record.attempts.beginAnother(startNs, record, telemetry, record.context)
    const inner = ownContext(active, { span: attempt.span }, record)
    return work(record, attempt, startNs, inner, args)
  }
}

function work(
  record: StepRecord,
  attempt: Attempt,
  startNs: number,
  inner: Context | undefined,
  args: unknown[],
): Call {
  record.phases.enter(WORK, startNs)
  const call = new AttemptCall(record, attempt, inner)
  watchTimeout(record, call, args[1])
  return call
}

class AttemptCall implements Call {
  readonly context: Context | undefined
  private readonly record: StepRecord
  private readonly attempt: Attempt
  private isOver = false

  constructor(record: StepRecord, attempt: Attempt, inner: Context | undefined) {
    this.record = record
    this.attempt = attempt
    this.context = inner
  }

  succeed(): void {
    this.settle(undefined)
  }

  fail(error: unknown): void {
    this.settle(errorClass(error))
  }

  /** The engine stopped waiting: the work that goes on is nobody's phase any more. */
  abandon(reason: unknown): void {
    this.endWork(errorClass(reason))
  }

  private settle(errorType: string | undefined): void {
    const endNs = this.endWork(errorType)
    this.record.attempts?.settle(this.attempt, endNs, errorType)
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

/**
 * An engine that bounds a step tells its handler by a signal and waits no longer. Without listening, the pause before the
 * next attempt would count as work of the one that was given up. Only steps that declare a timeout pay for it.
 */
function watchTimeout(record: StepRecord, call: AttemptCall, run: unknown): void {
  const { timeout } = record.step as { readonly timeout?: unknown }
  if (timeout === undefined || !isObject(run)) return
  const { signal } = run
  if (!(signal instanceof AbortSignal)) return
  signal.addEventListener('abort', () => call.abandon(signal.reason), { once: true })
}
