import type { Context, Link, SpanContext } from '@opentelemetry/api'
import type { Telemetry } from '../telemetry.ts'
import { Attempt } from './attempt.ts'
import type { StepRecord } from './step-record.ts'

/**
 * The attempts of one step. The first gets no span until there is a second, since most steps have one; it is then made
 * back-dated, and what it called stays a child of the step.
 */
export class AttemptLog {
  count = 0
  private current: Attempt | undefined
  private currentSpan: SpanContext | undefined
  /** Attempts whose handler had not settled when the next one began. */
  private abandoned: Attempt[] | undefined

  begin(record: StepRecord, startNs: number): Attempt {
    this.count++
    this.current = new Attempt(record, this.count, startNs)
    return this.current
  }

  /** Begins a later attempt and gives it, and the first one if need be, a span. */
  beginAnother(
    record: StepRecord,
    startNs: number,
    telemetry: Telemetry,
    active: Context,
  ): Attempt {
    record.phases.claimGap(startNs)
    const before = this.current
    const links: Link[] = []
    if (before) {
      if (before.number === 1) this.currentSpan = before.startSpan(telemetry, []).spanContext()
      if (this.currentSpan) links.push({ context: this.currentSpan })
      before.endSpan()
      if (before.endNs === undefined) {
        this.abandoned ??= []
        this.abandoned.push(before)
      }
    }
    const attempt = this.begin(record, startNs)
    const span = attempt.startSpan(telemetry, links)
    this.currentSpan = span.spanContext()
    attempt.runInside(active, span)
    return attempt
  }

  /** The step ended; what still runs is no longer part of it. */
  endOpen(endNs: number): void {
    for (const attempt of this.abandoned ?? []) attempt.settle(endNs, undefined)
    this.current?.settle(endNs, undefined)
  }
}
