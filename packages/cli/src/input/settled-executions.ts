import { Assembler, type AssemblerLosses, type Execution } from '@qflow-otel/analyzer'
import type { DecodedDocument } from './decode-document.ts'
import { fileTime } from './file-time.ts'

/** Late spans re-open and replace for this long after closing; until then an execution is not given out. */
const REOPEN_MS = 60_000
const REOPEN_NS = BigInt(REOPEN_MS) * 1_000_000n
/** What ended is closed at this pace of the files' own time, … */
const ADVANCE_NS = 1_000_000_000n
/** … or after so many spans, whose executions then have room in the assembler's output. */
const ADVANCE_SPANS = 50_000
/** Closed executions wait with all their spans; beyond this the oldest are given out early. */
const MAX_WAITING_SPANS = 200_000

interface Waiting {
  readonly execution: Execution
  readonly sinceUnixNs: bigint
}

/**
 * Spans in as they are read, executions out once nothing more is expected of them; a trace without flows is one
 * execution. Memory is bounded by the budget, the clock is the spans' own.
 *
 * What is given out together is in order of (start, id), so that for files of less than a minute, and for equal
 * batches always, the order does not depend on how the spans lay in them.
 */
export class SettledExecutions {
  readonly #assembler: Assembler
  /** Closed, by tenant and id, the one that closed first in front. */
  readonly #waiting = new Map<string, Waiting>()
  #waitingSpanCount = 0
  #replacedCount = 0
  #nowUnixNs = 0n
  #advancedUnixNs = 0n
  #spansSinceAdvance = 0

  constructor({ memoryBudgetBytes }: { memoryBudgetBytes: number }) {
    this.#assembler = new Assembler({
      foreignOnly: 'trace',
      reopenMs: REOPEN_MS,
      memoryBudgetBytes,
    })
  }

  take({ spans, started }: DecodedDocument): readonly Execution[] {
    this.#nowUnixNs = fileTime(this.#nowUnixNs, spans)
    const at = { nowUnixNs: this.#nowUnixNs }
    for (const one of started) this.#assembler.noteStarted(one, at)
    const settled: Execution[] = []
    for (let from = 0; from < spans.length; from += ADVANCE_SPANS) {
      const part = spans.slice(from, from + ADVANCE_SPANS)
      this.#assembler.add(part, at)
      this.#spansSinceAdvance += part.length
      if (this.#isDue()) settled.push(...this.#advance())
    }
    return settled
  }

  /** All that is left. */
  end(): readonly Execution[] {
    this.#hold(this.#assembler.close(this.#nowUnixNs))
    return this.#giveOut(() => true)
  }

  /** By named reason; `replaced_after_output`: given out early, and then more of it came. */
  losses(): AssemblerLosses {
    const losses = this.#assembler.losses()
    const { closedExecutions } = losses
    if (this.#replacedCount === 0) return losses
    return {
      ...losses,
      closedExecutions: { ...closedExecutions, replaced_after_output: this.#replacedCount },
    }
  }

  #isDue(): boolean {
    return (
      this.#nowUnixNs - this.#advancedUnixNs >= ADVANCE_NS ||
      this.#spansSinceAdvance >= ADVANCE_SPANS
    )
  }

  #advance(): readonly Execution[] {
    this.#advancedUnixNs = this.#nowUnixNs
    this.#spansSinceAdvance = 0
    this.#hold(this.#assembler.advance(this.#nowUnixNs))
    return this.#giveOut(
      ({ sinceUnixNs }) =>
        this.#nowUnixNs - sinceUnixNs >= REOPEN_NS || this.#waitingSpanCount > MAX_WAITING_SPANS,
    )
  }

  #hold(closed: ReturnType<Assembler['advance']>): void {
    for (const { execution, isReplacement } of closed) {
      const key = JSON.stringify([execution.tenant, execution.executionId])
      const before = this.#waiting.get(key)
      if (isReplacement && before === undefined) {
        this.#replacedCount++
        continue
      }
      this.#waiting.delete(key)
      this.#waiting.set(key, { execution, sinceUnixNs: this.#nowUnixNs })
      this.#waitingSpanCount += execution.spanCount - (before?.execution.spanCount ?? 0)
    }
  }

  #giveOut(isReady: (one: Waiting) => boolean): readonly Execution[] {
    const ready: Execution[] = []
    for (const [key, one] of this.#waiting) {
      if (!isReady(one)) break
      this.#waiting.delete(key)
      this.#waitingSpanCount -= one.execution.spanCount
      ready.push(one.execution)
    }
    return ready.sort(byStart)
  }
}

function byStart(a: Execution, b: Execution): number {
  if (a.startUnixNs !== b.startUnixNs) return a.startUnixNs < b.startUnixNs ? -1 : 1
  return a.executionId < b.executionId ? -1 : 1
}
