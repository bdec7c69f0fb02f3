import { unixNsAt } from '../time/unix-ns.ts'
import type { ClosedExecution } from './assembler-options.ts'

/** Executions that closed and were not yet asked for, bounded by bytes. */
export class ClosedOutput {
  #closed: ClosedExecution[] = []
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
    this.#closed.push(closed)
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

function byEnd({ execution: a }: ClosedExecution, { execution: b }: ClosedExecution): number {
  const aEnd = unixNsAt(a.startUnixNs, a.durationNs)
  const bEnd = unixNsAt(b.startUnixNs, b.durationNs)
  if (aEnd !== bEnd) return aEnd < bEnd ? -1 : 1
  return a.executionId < b.executionId ? -1 : 1
}
