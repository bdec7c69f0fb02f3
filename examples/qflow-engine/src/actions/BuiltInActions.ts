import { createHash } from 'node:crypto'
import { type ActionCall, type ActionParams, ActionRegistry } from '../core/ActionRegistry.ts'
import { isoTime } from '../core/Runtime.ts'
import { QflowError } from '../models/QflowError.ts'
import { fileAction } from './FileAction.ts'
import { httpAction } from './HttpAction.ts'
import { numberParam, textParam } from './ParamReaders.ts'

/** About ten seconds of one core: a flow must not stop the process for longer. */
const maxRounds = 10_000_000
/** A day: a longer delay is a mistake of units. */
const maxDelayMs = 24 * 60 * 60 * 1000

/** A registry with Qflow's actions in it. */
export function createActionRegistry(): ActionRegistry {
  const registry = new ActionRegistry()
  registry.registerAction('qflow.action.http', httpAction.handler, httpAction.spec)
  registry.registerAction('qflow.action.file', fileAction.handler, fileAction.spec)
  registry.registerAction('qflow.action.cpu', burn, {
    params: { rounds: { type: 'number', required: true }, seed: { type: 'any' } },
  })
  registry.registerAction('qflow.action.delay', delay, {
    params: { ms: { type: 'number', required: true } },
  })
  registry.registerAction('qflow.action.log', log, {
    params: { message: { type: 'any', required: true }, level: { type: 'string' } },
  })
  registry.registerAction('qflow.action.function', callFunction, {
    params: { name: { type: 'string', required: true }, args: { type: 'any' } },
  })
  registry.registerAction('qflow.action.complete', (params) => params)
  registry.registerAction('qflow.condition.if', (params) => params, {
    params: { condition: { type: 'any', required: true } },
  })
  return registry
}

/** The registry of the process. */
export const actionRegistry: ActionRegistry = createActionRegistry()

function burn(params: ActionParams): { rounds: number; digest: string } {
  const rounds = numberParam(params, 'rounds', { min: 1, max: maxRounds })
  let digest = String(params['seed'] ?? '')
  for (let round = 0; round < rounds; round++) {
    digest = createHash('sha256').update(digest).digest('hex')
  }
  return { rounds, digest }
}

function delay(params: ActionParams, call: ActionCall): Promise<{ ms: number }> {
  const ms = numberParam(params, 'ms', { min: 0, max: maxDelayMs })
  const { timers } = call.runtime
  return new Promise((resolve, reject) => {
    const abort = () => {
      timers.clearTimeout(handle)
      reject(call.signal.reason)
    }
    const handle = timers.setTimeout(() => {
      call.signal.removeEventListener('abort', abort)
      resolve({ ms })
    }, ms)
    call.signal.addEventListener('abort', abort, { once: true })
  })
}

function log(params: ActionParams, call: ActionCall): { message: unknown } {
  const { message } = params
  call.events.emit('q.qflow.log.v1', {
    executionId: call.executionId,
    stepId: call.stepId,
    level: textParam(params, 'level', 'info'),
    message,
    timestamp: isoTime(call.runtime.clock),
  })
  return { message }
}

function callFunction(params: ActionParams, call: ActionCall): unknown {
  const name = textParam(params, 'name')
  const implementation = call.functions.get(name)
  if (implementation !== undefined) return implementation(params['args'], call)
  throw new QflowError('validation_error', `Function ${name} is not registered`)
}
