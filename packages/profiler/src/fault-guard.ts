import { diag } from '@opentelemetry/api'

/** Runs what must not reach the host with its errors: the first of each kind goes to `diag`, the rest are counted. */
export class FaultGuard {
  readonly #counts = new Map<string, number>()

  /** What `run` returned; `undefined` when it threw. */
  run<T>(doing: string, run: () => T): T | undefined {
    try {
      return run()
    } catch (error) {
      this.report(doing, error)
      return undefined
    }
  }

  report(doing: string, error: unknown): void {
    const count = (this.#counts.get(doing) ?? 0) + 1
    this.#counts.set(doing, count)
    if (count > 1) return
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    diag.error(
      `@qflow-otel/profiler: ${doing} failed; further failures are only counted. ${message}`,
    )
  }

  /** Failures by what was being done. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }
}
