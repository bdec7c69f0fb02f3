import { type DiagLogger, diag } from '@opentelemetry/api'

/** Faults beyond this many different ones are no longer told apart, so that a message with an id in it cannot fill memory. */
const MAX_DISTINCT_FAULTS = 100

/** Says what went wrong inside the instrumentation, once per place and message; the host never sees it. */
export interface Faults {
  report(place: string, fault: unknown): void
  readonly log: DiagLogger
}

export function createFaults(namespace: string): Faults {
  const seen = new Set<string>()
  const log = diag.createComponentLogger({ namespace })
  return {
    log,
    report(place, fault) {
      const message = describe(fault)
      const key = `${place}: ${message}`
      if (seen.has(key) || seen.size >= MAX_DISTINCT_FAULTS) return
      seen.add(key)
      log.error(`${place} failed and was ignored`, message)
    },
  }
}

function describe(fault: unknown): string {
  try {
    return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
  } catch {
    // An object whose conversion throws; its type is all that can be said.
    return typeof fault
  }
}
