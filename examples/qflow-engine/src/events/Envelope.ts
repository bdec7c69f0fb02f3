import { isoTime, type Runtime } from '../core/Runtime.ts'
import type { QflowEventEmitter } from './EventEmitter.ts'

/** Emits an event in the envelope that Qflow's services use; the engine's own events are flat. */
export function emitEnvelope(
  { events, runtime }: { readonly events: QflowEventEmitter; readonly runtime: Runtime },
  event: {
    readonly name: string
    readonly source: string
    readonly actor: string
    readonly data: Readonly<Record<string, unknown>>
  },
): void {
  events.emit(`q.qflow.${event.name}.v1`, {
    eventId: runtime.createId('event'),
    timestamp: isoTime(runtime.clock),
    version: '1.0.0',
    source: event.source,
    actor: event.actor,
    data: event.data,
  })
}
