import * as api from '@opentelemetry/api'
import { logs } from '@opentelemetry/api-logs'
import { type AnalyzerChange, findingEvent } from '@qflow-otel/analyzer'
import { SCHEMA_URL } from '@qflow-otel/semconv'
import { hrTime } from './read-span.ts'
import { SCOPE_NAME, SCOPE_VERSION } from './scope.ts'

/** The part of OTel's LoggerProvider that is used; the providers of both SDK lines have it. */
export interface EventLoggerProvider {
  getLogger(name: string, version?: string, options?: { readonly schemaUrl?: string }): EventLogger
}

/** The part of OTel's Logger that is used. */
export interface EventLogger {
  emit(record: EventRecord): void
  /** Whether somebody listens; absent in old versions of the API. */
  enabled?(): boolean
}

/** A log record with an event name, as both SDK lines take it. */
export interface EventRecord {
  readonly eventName: string
  readonly timestamp: [number, number]
  readonly severityNumber: 9 | 13 | 17
  readonly body: string
  readonly attributes: Record<string, string | number | string[]>
  readonly context: api.Context
}

/** Sends changes of findings as log records with an event name. */
export function emitEvents(
  changes: readonly AnalyzerChange[],
  provider: EventLoggerProvider | undefined,
): void {
  if (changes.length === 0) return
  const logger = provider === undefined ? globalLogger() : loggerOf(provider)
  if (logger === undefined) return
  for (const change of changes) {
    const event = findingEvent(change)
    logger.emit({
      eventName: event.name,
      timestamp: hrTime(event.timeUnixNs),
      severityNumber: event.severityNumber,
      body: event.body,
      attributes: { ...event.attributes },
      // A finding belongs to many traces; whatever span happens to be active now is not one of them.
      context: api.ROOT_CONTEXT,
    })
  }
}

/**
 * api 1.10 (SDK 3) holds the logs global itself; before that it is api-logs' own. Records given to the wrong one
 * vanish without a word, so the one that somebody listens to is taken, anew for each batch of events.
 */
function globalLogger(): EventLogger | undefined {
  const shared: object = api
  const globals = 'logs' in shared ? [shared.logs, logs] : [logs]
  const loggers = globals.filter(isLoggerProvider).map(loggerOf)
  return loggers.find((logger) => logger.enabled?.() ?? true)
}

function loggerOf(provider: EventLoggerProvider): EventLogger {
  return provider.getLogger(SCOPE_NAME, SCOPE_VERSION, { schemaUrl: SCHEMA_URL })
}

function isLoggerProvider(value: unknown): value is EventLoggerProvider {
  return (
    typeof value === 'object' &&
    value !== null &&
    'getLogger' in value &&
    typeof value.getLogger === 'function'
  )
}
