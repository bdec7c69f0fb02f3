import { type Context, trace } from '@opentelemetry/api'
import { handOver } from '../context/owned-context.ts'
import type { Enter } from '../patching/wrap.ts'
import { isObject } from '../qflow-surface.ts'
import type { Telemetry } from '../telemetry.ts'
import { extractHeaders, hasEnded, outsideOf, withSender } from './origin.ts'

/** The context each queued event came in with, `undefined` when it brought none; the event object survives the queue. */
export type Senders = WeakMap<object, Context | undefined>

/**
 * `processWebhookEvent`: remembers the request's context, which the queue would lose: the active one, so that a server span
 * stays the parent, else what the headers bring.
 */
export function receiveHook(telemetry: Telemetry, senders: Senders): Enter {
  return (service, [, headers]) => {
    telemetry.carrier.refresh()
    const active = telemetry.carrier.active()
    const isLocal = trace.getSpan(active) !== undefined
    const sender = isLocal ? active : extractHeaders(active, headers)
    const before = new Set(queueOf(service))
    return {
      context: undefined,
      succeed(result) {
        const event = isObject(result) ? result['processedEvent'] : undefined
        if (isObject(event)) senders.set(event, sender)
        // A service that queues another object than it returns.
        const added = queueOf(service).filter((one) => !before.has(one) && !senders.has(one))
        const [only] = added
        if (added.length === 1 && only && !isObject(event)) senders.set(only, sender)
      },
      fail: () => {},
    }
  }
}

/**
 * `processQueuedEvent`: runs from a timer; what it starts belongs to the request that queued the event. The timer may have
 * been set in the first request of all, whose span is active in every tick and is not the sender of the others.
 */
export function dequeueHook(telemetry: Telemetry, senders: Senders): Enter {
  return (_service, [event]) => {
    if (!isObject(event)) return undefined
    telemetry.backlog.flush()
    const active = telemetry.carrier.active()
    const sender = senders.get(event) ?? extractHeaders(active, event['headers'])
    const spanContext = sender && trace.getSpanContext(sender)
    if (sender === undefined || spanContext === undefined) {
      const isForeign = senders.has(event) || hasEnded(trace.getSpan(active))
      return isForeign ? runIn(outsideOf(active)) : undefined
    }
    const isLink = telemetry.settings.boundaryMode === 'link'
    // The flow that the request may have been part of does not own what its event starts later.
    const continued = handOver(sender, undefined)
    return runIn(isLink ? withSender(outsideOf(active), spanContext) : continued)
  }
}

function runIn(context: Context) {
  return { context, succeed: () => {}, fail: () => {} }
}

function queueOf(service: unknown): object[] {
  const queue = isObject(service) ? service['processingQueue'] : undefined
  return Array.isArray(queue) ? queue.filter(isObject) : []
}
