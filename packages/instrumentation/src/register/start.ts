import { isMainThread, parentPort } from 'node:worker_threads'
import { diag, metrics, trace } from '@opentelemetry/api'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { QflowInstrumentation } from '../instrumentation.ts'
import { INSTRUMENTATION_NAME } from '../scope.ts'
import { setDiagFromEnvironment } from './diag-level.ts'
import { flushersOf, globalLogs, hasGlobalTracerProvider } from './global-providers.ts'
import { registerLoader } from './loader.ts'
import { flushOnExit } from './shutdown.ts'
import { startSdk } from './start-sdk.ts'

/** A second copy of this package in the process (CommonJS beside ESM) finds the first one's mark. */
const startedKey = Symbol.for('qflow-otel.registered')

/**
 * Zero-code start: loader, instrumentation, providers, flushing. Never throws, since a fault here must not keep the
 * application from starting.
 */
export function start(selfUrl: string): void {
  // Node runs `--require` files in its own loader thread too, the one thread that is neither main nor has a parent port.
  if (!isMainThread && parentPort === null) return
  // The symbol is ours, so what stands under it was put there by a copy of this file.
  const shared = globalThis as { [startedKey]?: boolean }
  if (shared[startedKey]) return
  shared[startedKey] = true
  if (process.env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return
  setDiagFromEnvironment(process.env['OTEL_LOG_LEVEL'])
  const log = diag.createComponentLogger({ namespace: `${INSTRUMENTATION_NAME}/register` })
  try {
    registerLoader(selfUrl, log)
    const shared = hasGlobalTracerProvider() ? {} : startSdk(process.env, log)
    registerInstrumentations({
      instrumentations: [new QflowInstrumentation(shared)],
      tracerProvider: trace.getTracerProvider(),
      meterProvider: metrics.getMeterProvider(),
      loggerProvider: globalLogs().getLoggerProvider(),
    })
    flushOnExit(flushersOf, log)
  } catch (fault) {
    log.error('could not start; the application runs without telemetry', fault)
  }
}
