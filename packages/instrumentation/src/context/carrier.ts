import { AsyncLocalStorage } from 'node:async_hooks'
import { type Context, context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'

const probe = ROOT_CONTEXT.setValue(createContextKey('qflow-otel.probe'), true)

/**
 * Carries contexts along asynchronous calls: OpenTelemetry's own context manager where the application has one, else a
 * store of ours, since phases and metrics need the owning step also when nobody set a manager.
 */
export interface Carrier {
  active(): Context
  run(inner: Context, call: Callable, self: unknown, args: unknown[]): unknown
  /** Looks once per execution whether a context manager is there by now. */
  refresh(): void
}

type Callable = (...args: unknown[]) => unknown

export function createCarrier(): Carrier {
  let hasManager = false
  let own: AsyncLocalStorage<Context> | undefined
  return {
    active: () =>
      hasManager || own === undefined ? context.active() : (own.getStore() ?? context.active()),
    run: (inner, call, self, args) =>
      hasManager || own === undefined
        ? // A closure costs less than the bound copy that `with` makes of a function and its `this`.
          context.with(inner, () => Reflect.apply(call, self, args))
        : own.run(inner, () => Reflect.apply(call, self, args)),
    refresh() {
      if (hasManager) return
      hasManager = context.with(probe, () => context.active() === probe)
      if (!hasManager) own ??= new AsyncLocalStorage()
    },
  }
}
