import type { Context } from '@opentelemetry/api'
import { nowNs } from '../clock.ts'
import type { Enter } from '../patching/wrap.ts'
import { isObject, isStep } from '../qflow-surface.ts'
import { Attempt } from '../records/attempt.ts'
import { AttemptLog } from '../records/attempt-log.ts'
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
    if (isParallel) record.parallelSinceNs ??= startNs
    const attempt = begin(record, startNs, active)
    watchTimeout(record, attempt, args[1])
    return attempt
  }
  function begin(record: StepRecord, startNs: number, active: Context): Attempt {
    if (record.firstAttempt === undefined) {
      record.firstAttempt = new Attempt(record, 1, startNs)
      return record.firstAttempt
    }
    record.phases.claimGap(startNs)
    record.attempts ??= new AttemptLog(record.firstAttempt, telemetry)
    return record.attempts.begin(record, startNs, telemetry, active)
  }
}

/**
 * An engine that bounds a step tells its handler by a signal and waits no longer. Without listening, the pause before the
 * next attempt would count as work of the one that was given up. Only steps that declare a timeout pay for it.
 */
function watchTimeout(record: StepRecord, attempt: Attempt, run: unknown): void {
  const { timeout } = record.step as { readonly timeout?: unknown }
  if (timeout === undefined || !isObject(run)) return
  const { signal } = run
  if (!(signal instanceof AbortSignal)) return
  signal.addEventListener('abort', () => attempt.abandon(signal.reason), { once: true })
}
