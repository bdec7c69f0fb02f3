import * as api from '@opentelemetry/api'
import { type Logger, type LoggerProvider, logs, SeverityNumber } from '@opentelemetry/api-logs'
import { INSTRUMENTATION_NAME, INSTRUMENTATION_VERSION, scopeOptions } from '../scope.ts'

/** Emits events: log records with a name and the context of their span. */
export interface Events {
  /** Whether somebody takes events; nothing should be computed for one otherwise. */
  isEnabled(eventName: string): boolean
  emit(event: QflowEvent): void
  setProvider(provider: LoggerProvider): void
}

interface QflowEvent {
  readonly name: string
  readonly time: api.HrTime
  readonly attributes: api.Attributes
  readonly context: api.Context
}

/**
 * The logs API moved: up to 1.9 it is a package of its own with a global of its own, from 1.10 it is part of the API.
 * An application on the newer line sets the newer global, so both are asked, when an event is due and not before.
 */
export function createEvents(): Events {
  let given: Logger | undefined
  let found: Logger | undefined
  let candidates: readonly Candidate[] = []
  const logger = (): Logger | undefined => {
    if (given?.enabled({ severityNumber: SeverityNumber.INFO })) return given
    if (found !== undefined) return found
    // Asked at each start of an execution, so a logger is made only for a provider that was not there before.
    candidates = globalProviders().map((provider) => candidateOf(provider, candidates))
    const taken = candidates.find(({ logger }) =>
      logger.enabled({ severityNumber: SeverityNumber.INFO }),
    )
    found = taken?.logger
    return found
  }
  return {
    isEnabled: (eventName) =>
      logger()?.enabled({ severityNumber: SeverityNumber.INFO, eventName }) ?? false,
    emit({ name, time, attributes, context }) {
      const severityNumber = SeverityNumber.INFO
      logger()?.emit({ eventName: name, timestamp: time, severityNumber, attributes, context })
    },
    setProvider(provider) {
      given = loggerFrom(provider)
    },
  }
}

interface Candidate {
  readonly provider: LoggerProvider
  readonly logger: Logger
}

function candidateOf(provider: LoggerProvider, known: readonly Candidate[]): Candidate {
  const same = known.find((candidate) => candidate.provider === provider)
  return same ?? { provider, logger: loggerFrom(provider) }
}

function loggerFrom(provider: LoggerProvider): Logger {
  return provider.getLogger(INSTRUMENTATION_NAME, INSTRUMENTATION_VERSION, scopeOptions)
}

function globalProviders(): LoggerProvider[] {
  // Absent from the types of 1.9, present at run time from 1.10; the shape is that of the former package.
  const moved = (api as unknown as { logs?: typeof logs }).logs
  return moved ? [moved.getLoggerProvider(), logs.getLoggerProvider()] : [logs.getLoggerProvider()]
}
