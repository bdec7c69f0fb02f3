import type { Context } from '@opentelemetry/api'
import type { Telemetry } from '../telemetry.ts'

/** What a hook does around one call of a wrapped method. */
export interface Call {
  /** The context the original runs in; `undefined` leaves the caller's. */
  readonly context: Context | undefined
  succeed(value: unknown): void
  fail(error: unknown): void
}

/** Looks at a call before it is made; `undefined` lets it pass untouched. */
export type Enter = (self: unknown, args: unknown[]) => Call | undefined

type Callable = (...args: unknown[]) => unknown

/** Found on every function this package put in place, by every loaded copy of it. */
export const originalKey: unique symbol = Symbol.for('qflow-otel.original')

/** A call that is being entered, shared by all wrappers of one method name. */
interface Entering {
  self: unknown
  args: unknown[] | undefined
}

export interface Wrapped {
  readonly wrapper: Callable
  /** From then on the wrapper only passes calls on, for whoever kept it. */
  retire(): void
}

/**
 * Wraps one method. The host gets the same value or error, with the same `this`; a promise comes back as `.then(…)` of the
 * original, so an unhandled rejection stays unhandled and a handled one handled. A fault of a hook never leaves this function.
 */
export function wrapMethod(
  original: Callable,
  { name, enter, entering, telemetry }: WrapOptions,
): Wrapped {
  let isRetired = false
  function wrapper(this: unknown, ...args: unknown[]): unknown {
    // A subclass that calls the same method of its super class is one call, not two.
    if (isRetired || isSameCall(entering, this, args)) return Reflect.apply(original, this, args)
    const call = enterSafely(telemetry, name, enter, this, args)
    if (call === undefined) return Reflect.apply(original, this, args)
    const outer = entering.args
    const outerSelf = entering.self
    entering.self = this
    entering.args = args
    let result: unknown
    try {
      result =
        call.context === undefined
          ? Reflect.apply(original, this, args)
          : telemetry.carrier.run(call.context, original, this, args)
    } catch (error) {
      settle(telemetry, name, call, true, error)
      throw error
    } finally {
      entering.self = outerSelf
      entering.args = outer
    }
    return follow(telemetry, name, call, result)
  }
  Object.defineProperties(wrapper, {
    name: { value: original.name, configurable: true },
    length: { value: original.length, configurable: true },
    [originalKey]: { value: original },
  })
  return {
    wrapper,
    retire: () => {
      isRetired = true
    },
  }
}

export interface WrapOptions {
  readonly name: string
  readonly enter: Enter
  readonly entering: Entering
  readonly telemetry: Telemetry
}

export function createEntering(): Entering {
  return { self: undefined, args: undefined }
}

function isSameCall(entering: Entering, self: unknown, args: unknown[]): boolean {
  const outer = entering.args
  return (
    outer !== undefined &&
    entering.self === self &&
    outer[0] === args[0] &&
    outer[1] === args[1] &&
    outer.length === args.length
  )
}

function enterSafely(
  telemetry: Telemetry,
  name: string,
  enter: Enter,
  self: unknown,
  args: unknown[],
): Call | undefined {
  try {
    return enter(self, args)
  } catch (fault) {
    telemetry.faults.report(`${name} (before the call)`, fault)
    return undefined
  }
}

function follow(telemetry: Telemetry, name: string, call: Call, result: unknown): unknown {
  const then = thenOf(result)
  if (then === undefined) {
    settle(telemetry, name, call, false, result)
    return result
  }
  const followed = Reflect.apply(then, result, [
    (value: unknown) => {
      settle(telemetry, name, call, false, value)
      return value
    },
    (error: unknown) => {
      settle(telemetry, name, call, true, error)
      throw error
    },
  ])
  // A `then` that returns nothing cannot be awaited in place of the original.
  return thenOf(followed) === undefined ? result : followed
}

function settle(
  telemetry: Telemetry,
  name: string,
  call: Call,
  hasFailed: boolean,
  outcome: unknown,
): void {
  try {
    if (hasFailed) call.fail(outcome)
    else call.succeed(outcome)
  } catch (fault) {
    telemetry.faults.report(`${name} (after the call)`, fault)
  }
}

function thenOf(value: unknown): Callable | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const then = (value as { then?: unknown }).then
  return typeof then === 'function' ? (then as Callable) : undefined
}
