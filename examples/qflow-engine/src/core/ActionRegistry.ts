import type { QflowEventEmitter } from '../events/EventEmitter.ts'
import type { DAOExecutionContext } from '../models/Execution.ts'
import { QflowError } from '../models/QflowError.ts'
import type { Runtime } from './Runtime.ts'

/** What a handler gets beside its resolved params. */
export interface ActionCall {
  readonly executionId: string
  readonly stepId: string
  /** From 1. */
  readonly attempt: number
  /** Aborted when the step's timeout is over. */
  readonly signal: AbortSignal
  readonly context: DAOExecutionContext
  /** What `params.pool` gave; undefined without a pool. */
  readonly resource: unknown
  readonly runtime: Runtime
  readonly events: QflowEventEmitter
  readonly functions: ReadonlyMap<string, RegisteredFunction>
}

/** Params of a step, templates resolved. */
export type ActionParams = Readonly<Record<string, unknown>>
/** What an action does; a promise is awaited. */
export type ActionHandler = (params: ActionParams, call: ActionCall) => unknown
/** What `qflow.action.function` calls. */
export type RegisteredFunction = (args: unknown, call: ActionCall) => unknown

/** Types that the schema layer tells apart. */
export type ParamType = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'any'

/** What the schema layer asks of one param. */
export interface ParamSpec {
  readonly type: ParamType
  readonly required?: boolean
  readonly oneOf?: readonly string[]
}

/** What the validation layers know of an action. */
export interface ActionSpec {
  readonly params: Readonly<Record<string, ParamSpec>>
  readonly permissions: readonly string[]
}

/** A handler and what is known of it. */
export interface Action {
  readonly handler: ActionHandler
  readonly spec: ActionSpec
}

const unspecified: ActionSpec = { params: {}, permissions: [] }

/** Actions and functions by name. */
export class ActionRegistry {
  readonly actions = new Map<string, Action>()
  readonly functions = new Map<string, RegisteredFunction>()

  /** A name that is taken is replaced. */
  registerAction(name: string, handler: ActionHandler, spec: Partial<ActionSpec> = {}): void {
    this.actions.set(name, { handler, spec: { ...unspecified, ...spec } })
  }

  registerFunction(name: string, implementation: RegisteredFunction): void {
    this.functions.set(name, implementation)
  }

  action(name: string): Action {
    const action = this.actions.get(name)
    if (action !== undefined) return action
    throw new QflowError('validation_error', `Action ${name} is not registered`)
  }
}
