import { unixNsAt } from '../time/unix-ns.ts'
import type { ClosedExecution } from './stored-execution.ts'

interface Closed extends ClosedExecution {
  readonly endUnixNs: bigint
}

/** Executions that closed and were not yet asked for, bounded by bytes. */
export class ClosedOutput {
  #closed: Closed[] = []
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
    const { startUnixNs, durationNs } = closed.execution
    this.#closed.push({ ...closed, endUnixNs: unixNsAt(startUnixNs, durationNs) })
    this.#bytes += bytes
    return true
  }

  /** In order of (end, execution id). */
  take(): readonly ClosedExecution[] {
    const closed = this.#closed.sort(byEnd)
    this.#closed = []
    this.#bytes = 0
    this.#isAwaited = false
    return closed
  }
}

function byEnd(a: Closed, b: Closed): number {
  if (a.endUnixNs !== b.endUnixNs) return a.endUnixNs < b.endUnixNs ? -1 : 1
  return a.execution.executionId < b.execution.executionId ? -1 : 1
}
