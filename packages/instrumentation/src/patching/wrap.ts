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
const originalKey: unique symbol = Symbol.for('qflow-otel.original')

/** The call that is being entered, shared by all wrappers of one method. */
export interface Entering {
  /** More than one class of a chain has the method wrapped, so one may call the other as its super class. */
  isWatched: boolean
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
    if (isRetired) return Reflect.apply(original, this, args)
    if (entering.isWatched) return watched(this, args)
    return around(this, args)
  }
  /** A subclass that calls the same method of its super class is one call, not two. */
  function watched(self: unknown, args: unknown[]): unknown {
    if (isSameCall(entering, self, args)) return Reflect.apply(original, self, args)
    const outer = { ...entering }
    entering.self = self
    entering.args = args
    try {
      return around(self, args)
    } finally {
      entering.self = outer.self
      entering.args = outer.args
    }
  }
  function around(self: unknown, args: unknown[]): unknown {
    let call: Call | undefined
    try {
      call = enter(self, args)
    } catch (fault) {
      telemetry.faults.report(`${name} (before the call)`, fault)
    }
    if (call === undefined) return Reflect.apply(original, self, args)
    let result: unknown
    try {
      result =
        call.context === undefined
          ? Reflect.apply(original, self, args)
          : telemetry.carrier.run(call.context, original, self, args)
    } catch (error) {
      settle(telemetry, name, call, true, error)
      throw error
    }
    // What the closures see is kept small: two of them are made for each call.
    const entered = call
    const succeed = (value: unknown) => {
      settle(telemetry, name, entered, false, value)
      return value
    }
    const fail = (error: unknown) => {
      settle(telemetry, name, entered, true, error)
      throw error
    }
    return result instanceof Promise ? result.then(succeed, fail) : follow(result, succeed, fail)
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
  return { isWatched: false, self: undefined, args: undefined }
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

/** A thenable that is no promise is followed as far as its `then` allows. */
function follow(result: unknown, succeed: Callable, fail: Callable): unknown {
  try {
    const then = thenOf(result)
    if (then === undefined) return succeed(result)
    const followed = then.call(result, succeed, fail)
    // A `then` that returns nothing cannot be awaited in place of the original.
    return thenOf(followed) === undefined ? result : followed
  } catch (error) {
    // Its `then` throws; it will throw for the host as well, when the host awaits it and not here.
    Promise.reject(error)
      .then(undefined, fail)
      .catch(() => {})
    return result
  }
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
