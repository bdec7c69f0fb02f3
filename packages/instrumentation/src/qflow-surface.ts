/** The part of Qflow's surface that is read, as it is at run time; nothing is taken for granted. */
interface EngineSurface {
  readonly executions?: { get?(id: string): unknown }
  readonly flowDefinitions?: { get?(id: string): unknown }
}

export interface FlowSurface {
  readonly id: string
  readonly version?: unknown
  readonly owner?: unknown
  readonly steps?: unknown
}

export interface StepSurface {
  readonly id: string
  readonly type?: unknown
  readonly action?: unknown
  readonly params?: unknown
}

export interface StateSurface {
  readonly flowId?: unknown
  readonly status?: unknown
  readonly context?: unknown
  readonly error?: unknown
}

/** Whether a value is an object whose fields may be read. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function isStep(value: unknown): value is StepSurface {
  return isObject(value) && typeof value['id'] === 'string'
}

/** The definition registered under `flowId`, if the engine keeps them where Qflow does. */
export function findFlow(engine: unknown, flowId: unknown): FlowSurface | undefined {
  if (!isObject(engine) || typeof flowId !== 'string') return undefined
  const flow = (engine as EngineSurface).flowDefinitions?.get?.(flowId)
  // `id` was checked, the other fields are unknown.
  return isStep(flow) ? (flow as unknown as FlowSurface) : undefined
}

/** The live state of an execution, if the engine keeps them where Qflow does. */
export function findState(engine: unknown, executionId: string): StateSurface | undefined {
  if (!isObject(engine)) return undefined
  const state = (engine as EngineSurface).executions?.get?.(executionId)
  return isObject(state) ? state : undefined
}

export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Class of what was thrown; the engine's own type where an error carries one is for the caller to prefer. */
export function errorClass(error: unknown): string {
  if (!isObject(error)) return typeof error === 'undefined' ? '_OTHER' : typeof error
  const constructorName: unknown = (error.constructor as { name?: unknown } | undefined)?.name
  const name = stringOf(constructorName) ?? stringOf(error['name'])
  return name === undefined || name === 'Object' ? (stringOf(error['name']) ?? '_OTHER') : name
}

/** `type` of an error as the engine records it: `{ type: 'execution_error', … }`. */
export function engineErrorType(error: unknown): string | undefined {
  return isObject(error) ? stringOf(error['type']) : undefined
}
