import { types } from 'node:util'
import type { Context } from '@opentelemetry/api'
import type { Telemetry } from '../telemetry.ts'
import { type Entering, isSameCall } from './entering.ts'

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

const { then: promiseThen } = Promise.prototype

/** Found on every function this package put in place, by every loaded copy of it. */
const originalKey: unique symbol = Symbol.for('qflow-otel.original')

export interface Wrapped {
  readonly wrapper: Callable
  /** From then on the wrapper only passes calls on, for whoever kept it. */
  retire(): void
}

/**
 * Wraps one method. The host gets the same value or error, with the same `this`; which promise it gets is decided in
 * docs/adr/0007-derived-promises.md. A fault of a hook never leaves this function.
 */
export function wrapMethod(
  original: Callable,
  { name, enter, entering, telemetry }: WrapOptions,
): Wrapped {
  let isRetired = false
  let hasWarned = false
  const isAsync = types.isAsyncFunction(original)
  // A method, since a function could be called with `new`.
  const { wrapper } = {
    wrapper(this: unknown, ...args: unknown[]): unknown {
      if (isRetired) return Reflect.apply(original, this, args)
      if (entering.wrapperCount > 1) return watched(this, args)
      return around(this, args)
    },
  }
  /** A subclass that calls the same method of its super class is one call, not two. */
  function watched(self: unknown, args: unknown[]): unknown {
    if (isSameCall(entering, self, args)) return Reflect.apply(original, self, args)
    const { self: outerSelf, args: outerArgs } = entering
    entering.self = self
    entering.args = args
    try {
      return around(self, args)
    } finally {
      entering.self = outerSelf
      entering.args = outerArgs
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
    return isAsync && result instanceof Promise ? derive(call, result) : watch(call, result)
  }
  /** Nobody but the function's caller has seen its promise, so one derived from it is as good. */
  function derive(call: Call, promise: Promise<unknown>): Promise<unknown> {
    // What the closures see is kept small: two of them are made for each call.
    const succeed = (value: unknown) => {
      settle(telemetry, name, call, false, value)
      return value
    }
    const fail = (error: unknown) => {
      settle(telemetry, name, call, true, error)
      throw error
    }
    return promise.then(succeed, fail)
  }
  /** A plain function's result may be shared, handled already or marked: the host gets that very one. */
  function watch(call: Call, result: unknown): unknown {
    let value = result
    try {
      if (types.isPromise(result)) {
        const succeed = (outcome: unknown) => settle(telemetry, name, call, false, outcome)
        const fail = (error: unknown) => settle(telemetry, name, call, true, error)
        observe(result, succeed, fail)
        return result
      }
      if (hasThen(result)) {
        value = undefined
        warnOfThenable()
      }
    } catch (fault) {
      value = undefined
      telemetry.faults.report(`${name} (watching its result)`, fault)
    }
    settle(telemetry, name, call, false, value)
    return result
  }
  function warnOfThenable(): void {
    if (hasWarned) return
    hasWarned = true
    const message =
      'returned a thenable that is no promise; its calls count as over when they return'
    telemetry.faults.log.warn(`${name} ${message}`)
  }
  Object.defineProperties(wrapper, {
    ...ownPropertiesOf(original),
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

/** Sees how a promise ends without a promise in its place. */
function observe(promise: Promise<unknown>, onValue: Callable, onError: Callable): void {
  // Not the promise's own `then`, which may start what nobody has asked for yet.
  Reflect.apply(promiseThen, promise, [onValue, onError])
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

/** Without reading `then`, which may be an accessor. */
function hasThen(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value
}

/** What others have put on the function; name and length are set, a prototype would make the wrapper a constructor. */
function ownPropertiesOf(original: Callable): PropertyDescriptorMap {
  const { prototype: _, ...own } = Object.getOwnPropertyDescriptors(original)
  return own
}
