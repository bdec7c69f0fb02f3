import {
  type Context,
  createContextKey,
  type Link,
  propagation,
  type Span,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { ownContext } from '../context/owned-context.ts'
import { isObject } from '../qflow-surface.ts'
import type { BoundaryMode } from '../types.ts'

const senderKey = createContextKey('qflow-otel.sender')

/** Where the span of a start hangs. */
export interface Origin {
  readonly parent: Context
  readonly links: Link[]
}

/** `active` with a sender to link to instead of to continue. */
export function withSender(active: Context, sender: SpanContext): Context {
  return active.setValue(senderKey, sender)
}

/**
 * The parent of an execution: the span that is active, else the sender that a webhook or event brought along, continued or
 * linked to as the setting says.
 */
export function originOf(
  active: Context,
  startContext: unknown,
  triggerType: string | undefined,
  mode: BoundaryMode,
): Origin {
  // Only `withSender` writes under the key.
  const sender = active.getValue(senderKey) as SpanContext | undefined
  if (sender) return { parent: active.deleteValue(senderKey), links: [{ context: sender }] }
  const isRemote =
    triggerType === 'webhook' || triggerType === 'event' || triggerType === 'schedule'
  if (!isRemote) return { parent: active, links: [] }
  const local = trace.getSpan(active)
  if (local && triggerType === 'schedule' && isBehindTimer(local, mode)) {
    return { parent: outsideOf(active), links: [{ context: local.spanContext() }] }
  }
  if (local) return { parent: active, links: [] }
  const extracted = extractFrom(active, startContext)
  const remote = extracted && trace.getSpanContext(extracted)
  if (extracted === undefined || remote === undefined) return { parent: active, links: [] }
  return mode === 'link'
    ? { parent: active, links: [{ context: remote }] }
    : { parent: extracted, links: [] }
}

/** A schedule made inside a request would otherwise add its runs to that request's trace for ever. */
function isBehindTimer(span: Span, mode: BoundaryMode): boolean {
  return mode === 'link' || (mode === 'auto' && hasEnded(span))
}

/** A span of this process that was recorded and is over: a timer or a listener was set in it some time ago. */
export function hasEnded(span: Span | undefined): boolean {
  if (span === undefined || span.isRecording()) return false
  const { isRemote, traceFlags } = span.spanContext()
  return isRemote !== true && (traceFlags & TraceFlags.SAMPLED) !== 0
}

/** `active` without the span and the record it carries: what runs in it begins a trace of its own. */
export function outsideOf(active: Context): Context {
  return ownContext(trace.deleteSpan(active), undefined, undefined)
}

/** Reads the trace context from the places where a sender's headers end up in a start. */
function extractFrom(active: Context, startContext: unknown): Context | undefined {
  if (!isObject(startContext)) return undefined
  const { inputData, variables } = startContext
  const carriers = [
    startContext['headers'],
    isObject(inputData) ? inputData['headers'] : undefined,
    inputData,
    variables,
    startContext,
  ]
  for (const carrier of carriers) {
    const extracted = extractHeaders(active, carrier)
    if (extracted) return extracted
  }
  return undefined
}

/** The context that headers carry, by the application's own propagator; `undefined` when they carry none. */
export function extractHeaders(active: Context, headers: unknown): Context | undefined {
  if (!isObject(headers)) return undefined
  // Without headers a propagator returns what it was given, whose span is not the sender.
  const extracted = propagation.extract(trace.deleteSpan(active), headers, {
    keys: (carrier) => Object.keys(carrier),
    get(carrier, key) {
      const value = carrier[key] ?? carrier[titled(key)]
      return typeof value === 'string' || Array.isArray(value) ? value : undefined
    },
  })
  return trace.getSpanContext(extracted) ? extracted : undefined
}

/** Headers that did not come through Node's HTTP server may keep their capitals. */
function titled(key: string): string {
  return key.replace(/(^|-)([a-z])/g, (text) => text.toUpperCase())
}
