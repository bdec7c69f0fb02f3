import { unixNsAt } from '../time/unix-ns.ts'
import type { ClosedExecution } from './stored-execution.ts'

interface Waiting {
  readonly closed: ClosedExecution
  readonly endUnixNs: bigint
}

/** Executions that closed and were not yet asked for, bounded by bytes. */
export class ClosedOutput {
  #waiting: Waiting[] = []
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
    const { startUnixNs, durationNs } = closed.stored.facts
    this.#waiting.push({ closed, endUnixNs: unixNsAt(startUnixNs, durationNs) })
    this.#bytes += bytes
    return true
  }

  /** In order of (end, execution id). */
  take(): readonly ClosedExecution[] {
    const waiting = this.#waiting.sort(byEnd)
    this.#waiting = []
    this.#bytes = 0
    this.#isAwaited = false
    return waiting.map(({ closed }) => closed)
  }
}

function byEnd(a: Waiting, b: Waiting): number {
  if (a.endUnixNs !== b.endUnixNs) return a.endUnixNs < b.endUnixNs ? -1 : 1
  return a.closed.stored.facts.executionId < b.closed.stored.facts.executionId ? -1 : 1
}
