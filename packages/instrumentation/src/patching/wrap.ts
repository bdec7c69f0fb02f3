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

export interface WrapOptions {
  readonly name: string
  readonly enter: Enter
  readonly entering: Entering
  readonly telemetry: Telemetry
}

/** A method that is wrapped; one object and not a closure for each of its parts, since cold code is paid by the line. */
interface Method extends WrapOptions {
  readonly original: Callable
  readonly isAsync: boolean
  isRetired: boolean
  hasWarned: boolean
}

/**
 * Wraps one method. The host gets the same value or error, with the same `this`; which promise it gets is decided in
 * docs/adr/0007-derived-promises.md. A fault of a hook never leaves this function.
 */
export function wrapMethod(original: Callable, options: WrapOptions): Wrapped {
  const isAsync = types.isAsyncFunction(original)
  const method: Method = { ...options, original, isAsync, isRetired: false, hasWarned: false }
  // A method, since a function could be called with `new`.
  const { wrapper } = {
    wrapper(this: unknown, ...args: unknown[]): unknown {
      if (method.isRetired) return Reflect.apply(method.original, this, args)
      if (method.entering.wrapperCount > 1) return watched(method, this, args)
      return around(method, this, args)
    },
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
      method.isRetired = true
    },
  }
}

/** A subclass that calls the same method of its super class is one call, not two. */
function watched(method: Method, self: unknown, args: unknown[]): unknown {
  const { entering, original } = method
  if (isSameCall(entering, self, args)) return Reflect.apply(original, self, args)
  const { self: outerSelf, args: outerArgs } = entering
  entering.self = self
  entering.args = args
  try {
    return around(method, self, args)
  } finally {
    entering.self = outerSelf
    entering.args = outerArgs
  }
}

function around(method: Method, self: unknown, args: unknown[]): unknown {
  const { original } = method
  let call: Call | undefined
  try {
    call = method.enter(self, args)
  } catch (fault) {
    method.telemetry.faults.report(`${method.name} (before the call)`, fault)
  }
  if (call === undefined) return Reflect.apply(original, self, args)
  let result: unknown
  try {
    result =
      call.context === undefined
        ? Reflect.apply(original, self, args)
        : method.telemetry.carrier.run(call.context, original, self, args)
  } catch (error) {
    fail(method, call, error)
    throw error
  }
  if (method.isAsync && result instanceof Promise) return derive(method, call, result)
  return watch(method, call, result)
}

/** Nobody but the function's caller has seen its promise, so one derived from it is as good. */
function derive(method: Method, call: Call, promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      succeed(method, call, value)
      return value
    },
    (error) => {
      fail(method, call, error)
      throw error
    },
  )
}

/** A plain function's result may be shared, handled already or marked: the host gets that very one. */
function watch(method: Method, call: Call, result: unknown): unknown {
  let value = result
  try {
    if (types.isPromise(result)) {
      observe(
        result,
        (outcome) => succeed(method, call, outcome),
        (error) => fail(method, call, error),
      )
      return result
    }
    if (hasThen(result)) {
      value = undefined
      warnOfThenable(method)
    }
  } catch (fault) {
    value = undefined
    method.telemetry.faults.report(`${method.name} (watching its result)`, fault)
  }
  succeed(method, call, value)
  return result
}

function warnOfThenable(method: Method): void {
  if (method.hasWarned) return
  method.hasWarned = true
  const message = 'returned a thenable that is no promise; its calls count as over when they return'
  method.telemetry.faults.log.warn(`${method.name} ${message}`)
}

/** Sees how a promise ends without a promise in its place. */
function observe(promise: Promise<unknown>, onValue: Callable, onError: Callable): void {
  // Not the promise's own `then`, which may start what nobody has asked for yet.
  Reflect.apply(promiseThen, promise, [onValue, onError])
}

function succeed(method: Method, call: Call, value: unknown): void {
  try {
    call.succeed(value)
  } catch (fault) {
    reportAfter(method, fault)
  }
}

function fail(method: Method, call: Call, error: unknown): void {
  try {
    call.fail(error)
  } catch (fault) {
    reportAfter(method, fault)
  }
}

function reportAfter({ name, telemetry }: Method, fault: unknown): void {
  telemetry.faults.report(`${name} (after the call)`, fault)
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
