import * as api from '@opentelemetry/api'
import { logs } from '@opentelemetry/api-logs'

/** Whether the application (or an entry before this one) has set up an SDK. */
export function hasGlobalTracerProvider(): boolean {
  const provider = api.trace.getTracerProvider()
  if (!(provider instanceof api.ProxyTracerProvider)) return true
  // A fresh proxy has the API's one provider that does nothing.
  return provider.getDelegate() !== new api.ProxyTracerProvider().getDelegate()
}

/** The logs global of the API line in use: part of the API from 1.10, a package of its own before. */
export function globalLogs(): typeof logs {
  // Absent from the types of 1.9; the shape is that of the former package.
  return (api as unknown as { logs?: typeof logs }).logs ?? logs
}

/** What can be flushed of the providers that are set now, whoever set them. */
export function flushersOf(): (() => Promise<unknown>)[] {
  const tracers = api.trace.getTracerProvider()
  const providers: unknown[] = [
    tracers instanceof api.ProxyTracerProvider ? tracers.getDelegate() : tracers,
    api.metrics.getMeterProvider(),
    delegateOf(globalLogs().getLoggerProvider()),
  ]
  return providers.filter(canFlush).map((provider) => () => provider.forceFlush())
}

function canFlush(provider: unknown): provider is { forceFlush(): Promise<unknown> } {
  return (
    typeof provider === 'object' &&
    provider !== null &&
    typeof (provider as { forceFlush?: unknown }).forceFlush === 'function'
  )
}

/** The logs proxy hides its SDK behind an accessor that only its own line has. */
function delegateOf(provider: unknown): unknown {
  const proxy = provider as { _getDelegate?: () => unknown; getDelegate?: () => unknown }
  return proxy._getDelegate?.() ?? proxy.getDelegate?.() ?? provider
}
