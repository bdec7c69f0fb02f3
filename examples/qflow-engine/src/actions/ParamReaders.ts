import type { ActionParams } from '../core/ActionRegistry.ts'
import { QflowError } from '../models/QflowError.ts'

/** Templates are resolved only at run time, so handlers check the types of what they got. */
export function textParam(params: ActionParams, name: string, fallback?: string): string {
  const value = params[name] ?? fallback
  if (typeof value === 'string') return value
  throw paramFault(name, 'a text', value)
}

/** A number within its bounds, both included. */
export function numberParam(
  params: ActionParams,
  name: string,
  bounds: { min: number; max: number },
): number {
  const value = params[name]
  const { min, max } = bounds
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw paramFault(name, `a number from ${min} to ${max}`, value)
}

/** Names the param, what was expected and what was found. */
export function paramFault(name: string, expected: string, found: unknown): QflowError {
  const shown = found === undefined ? 'nothing' : typeof found
  return new QflowError('validation_error', `params.${name}: expected ${expected}, found ${shown}`)
}
