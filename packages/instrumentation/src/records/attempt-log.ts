import type { Context, SpanContext } from '@opentelemetry/api'
import type { Telemetry } from '../telemetry.ts'
import { Attempt } from './attempt.ts'
import type { StepRecord } from './step-record.ts'

/** The attempts of a step that took more than one: the first had no span until then, and what it called stays a child of the step. */
export class AttemptLog {
  count = 1
  private current: Attempt
  private currentSpan: SpanContext
  /** Attempts whose handler had not settled when the next one began. */
  private abandoned: Attempt[] | undefined

  constructor(first: Attempt, telemetry: Telemetry) {
    this.current = first
    this.currentSpan = first.startSpan(telemetry, []).spanContext()
  }

  begin(record: StepRecord, startNs: number, telemetry: Telemetry, active: Context): Attempt {
    const before = this.current
    before.endSpan()
    if (before.endNs === undefined) {
      this.abandoned ??= []
      this.abandoned.push(before)
    }
    this.count++
    const attempt = new Attempt(record, this.count, startNs)
    const span = attempt.startSpan(telemetry, [{ context: this.currentSpan }])
    attempt.runInside(active, span)
    this.current = attempt
    this.currentSpan = span.spanContext()
    return attempt
  }

  /** The step ended; what still runs is no longer part of it. */
  endOpen(endNs: number): void {
    for (const attempt of this.abandoned ?? []) attempt.settle(endNs, undefined)
    this.current.settle(endNs, undefined)
  }
}
