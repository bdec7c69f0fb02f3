import { type Context, INVALID_SPAN_CONTEXT, type Span, trace } from '@opentelemetry/api'
import type { SpanHolder } from '../context/owned-context.ts'
import type { Telemetry } from '../telemetry.ts'

const noSpan = trace.wrapSpanContext(INVALID_SPAN_CONTEXT)

/**
 * A record whose span is made when somebody first looks for it: code inside the step, a child, a propagator; else the backlog.
 * Everybody sees the same one.
 */
export abstract class SpanRecord implements SpanHolder {
  protected readonly telemetry: Telemetry
  /** Given away with the making of the span, so that a chain of flows does not keep all their contexts. */
  private parent: Context | undefined
  private made: Span | undefined
  private isMaking = false

  constructor(telemetry: Telemetry, parent: Context) {
    this.telemetry = telemetry
    this.parent = parent
  }

  get span(): Span {
    return this.made ?? this.make()
  }

  protected abstract startSpan(parent: Context): Span

  private make(): Span {
    const { parent } = this
    // While it is being made, a sampler or a processor finds what was active before.
    if (parent === undefined || this.isMaking) return outside(parent)
    this.isMaking = true
    try {
      this.made = this.startSpan(parent)
    } catch (fault) {
      // Whoever looked is the host. Its children then hang on the span outside.
      this.made = trace.wrapSpanContext(outside(parent).spanContext())
      this.telemetry.faults.report('making a span', fault)
    }
    this.parent = undefined
    return this.made
  }
}

function outside(parent: Context | undefined): Span {
  return (parent && trace.getSpan(parent)) ?? noSpan
}
