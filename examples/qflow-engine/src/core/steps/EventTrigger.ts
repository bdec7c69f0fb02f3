import { textParam } from '../../actions/ParamReaders.ts'
import type { QflowEventEmitter } from '../../events/EventEmitter.ts'
import type { FlowStep } from '../../models/FlowDefinition.ts'
import { QflowError } from '../../models/QflowError.ts'
import type { ActionParams } from '../ActionRegistry.ts'
import { evaluateExpression } from '../Expression.ts'
import type { Timers } from '../Runtime.ts'
import { resolveTemplates } from '../Template.ts'
import type { StepRun } from './StepRun.ts'

/** Nobody waits for ever, since a waiting step holds its execution's slot. */
const defaultTimeoutMs = 30_000

/** Emits an event, or waits for the next one that fits `where`; resolves with its payload. */
export async function runEventTrigger(
  services: { readonly events: QflowEventEmitter; readonly timers: Timers },
  step: FlowStep,
  run: StepRun,
): Promise<unknown> {
  const { where, ...raw } = step.params
  const params = resolveTemplates(raw, run.scope) as ActionParams // An object stays an object.
  const event = textParam(params, 'event')
  if (textParam(params, 'mode', 'wait') === 'emit') {
    services.events.emit(event, params['data'])
    return params['data']
  }
  const timeoutMs = typeof params['timeoutMs'] === 'number' ? params['timeoutMs'] : defaultTimeoutMs
  const fits = (payload: unknown) =>
    typeof where !== 'string' ||
    Boolean(evaluateExpression(where, { ...run.scope, event: payload }))
  return waitForEvent(services, { event, timeoutMs, fits, signal: run.signal })
}

interface EventWait {
  readonly event: string
  readonly timeoutMs: number
  readonly fits: (payload: unknown) => boolean
  readonly signal: AbortSignal
}

function waitForEvent(
  { events, timers }: { readonly events: QflowEventEmitter; readonly timers: Timers },
  { event, timeoutMs, fits, signal }: EventWait,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      events.off(event, listener)
      timers.clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
    const listener = (payload: unknown) => {
      if (!fits(payload)) return
      stop()
      resolve(payload)
    }
    const abort = () => {
      stop()
      reject(signal.reason)
    }
    const timer = timers.setTimeout(() => {
      stop()
      reject(new QflowError('timeout_error', `No event ${event} within ${timeoutMs} ms`))
    }, timeoutMs)
    events.on(event, listener)
    signal.addEventListener('abort', abort, { once: true })
  })
}
