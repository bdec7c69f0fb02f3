import type { ClosedExecution } from './stored-execution.ts'

/** Executions that closed and were not yet asked for, bounded by bytes. */
export class ClosedOutput {
  #waiting: ClosedExecution[] = []
  #bytes = 0
  #isAwaited = false
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whoever closes takes what closed at once, so that until then nothing is refused. */
  expectTake(): void {
    this.#isAwaited = true
  }

  /** False when nobody reads and the bound is reached: the execution is not kept. */
  give(closed: ClosedExecution, bytes: number): boolean {
    if (!this.#isAwaited && this.#bytes > this.#maxBytes) return false
    this.#waiting.push(closed)
    this.#bytes += bytes
    return true
  }

  /** In order of (end, execution id). */
  take(): readonly ClosedExecution[] {
    const waiting = this.#waiting.sort(byEnd)
    this.#waiting = []
    this.#bytes = 0
    this.#isAwaited = false
    return waiting
  }
}

function byEnd(a: ClosedExecution, b: ClosedExecution): number {
  if (a.endUnixNs !== b.endUnixNs) return a.endUnixNs < b.endUnixNs ? -1 : 1
  return a.stored.facts.executionId < b.stored.facts.executionId ? -1 : 1
}
