import { type DiagLogger, diag } from '@opentelemetry/api'
import { errorClass } from './qflow-surface.ts'

/** Faults beyond this many different ones are no longer told apart, so that generated code cannot fill memory. */
const MAX_DISTINCT_FAULTS = 100

/** Says what went wrong inside the instrumentation, once per place and origin; the host never sees it. */
export interface Faults {
  report(place: string, fault: unknown): void
  /** Runs what must not fail for the host; what it throws, or what its promise rejects with, is reported. */
  guard(place: string, run: () => unknown): void
  readonly log: DiagLogger
}

export function createFaults(namespace: string): Faults {
  const seen = new Set<string>()
  const log = diag.createComponentLogger({ namespace })
  const report = (place: string, fault: unknown) => {
    const key = `${place}: ${originOf(fault)}`
    if (seen.has(key) || seen.size >= MAX_DISTINCT_FAULTS) return
    seen.add(key)
    log.error(`${place} failed and was ignored`, describe(fault))
  }
  return {
    log,
    report,
    guard(place, run) {
      try {
        const result = run()
        // A hook may be an async function; its rejection would otherwise end the process.
        if (result instanceof Promise) result.catch((fault: unknown) => report(place, fault))
      } catch (fault) {
        report(place, fault)
      }
    },
  }
}

/** Where it was thrown, without the message, which may carry an id. */
function originOf(fault: unknown): string {
  if (!(fault instanceof Error)) return typeof fault
  const [frame] = /^\s+at .*$/m.exec(String(fault.stack)) ?? []
  return `${errorClass(fault)} ${frame}`
}

function describe(fault: unknown): string {
  try {
    return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
  } catch {
    // An object whose conversion throws; its type is all that can be said.
    return typeof fault
  }
}
