import {
  type Context,
  createContextKey,
  type Link,
  propagation,
  type SpanContext,
  trace,
} from '@opentelemetry/api'
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
  const isLocal = trace.getSpan(active) !== undefined
  const isRemote =
    triggerType === 'webhook' || triggerType === 'event' || triggerType === 'schedule'
  if (isLocal || !isRemote) return { parent: active, links: [] }
  const extracted = extractFrom(active, startContext)
  const remote = extracted && trace.getSpanContext(extracted)
  if (extracted === undefined || remote === undefined) return { parent: active, links: [] }
  return mode === 'link'
    ? { parent: active, links: [{ context: remote }] }
    : { parent: extracted, links: [] }
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
  const extracted = propagation.extract(active, headers, {
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
