import type { Execution } from './trace/execution.ts'
import {
  type ExecutionFacts,
  restoreExecution,
  type StoredExecution,
  storedBytes,
} from './trace/stored-execution.ts'

interface Kept {
  readonly flowKey: string
  readonly stored: StoredExecution
  readonly bytes: number
}

/** Finished executions in full, for pages and `why`: the newest of each flow, within a bound over all flows. */
export class KeptExecutions {
  readonly #byFlow = new Map<string, Map<string, Kept>>()
  /** Of all flows, the one longest kept first. */
  readonly #inOrder = new Set<Kept>()
  readonly #limits: { readonly perFlowCount: number; readonly maxBytes: number }
  #bytes = 0

  constructor(limits: { readonly perFlowCount: number; readonly maxBytes: number }) {
    this.#limits = limits
  }

  /** Replaces an earlier form. Returns how many others had to go because all flows together are too large. O(spans). */
  add(flowKey: string, stored: StoredExecution): number {
    const { executionId } = stored.facts
    const own = this.#byFlow.get(flowKey) ?? new Map<string, Kept>()
    const earlier = own.get(executionId)
    if (earlier !== undefined) this.#remove(earlier)
    const kept: Kept = { flowKey, stored, bytes: storedBytes(stored) }
    own.set(executionId, kept)
    // Its flow's map is gone when the earlier form was all that was in it.
    this.#byFlow.set(flowKey, own)
    this.#inOrder.add(kept)
    this.#bytes += kept.bytes
    if (own.size > this.#limits.perFlowCount) {
      const [oldest] = own.values()
      if (oldest !== undefined) this.#remove(oldest)
    }
    return this.#shrink()
  }

  find(key: { tenant: string; executionId: string }): Execution | undefined {
    const kept = this.#find(key)
    return kept === undefined ? undefined : restoreExecution(kept.stored)
  }

  has(key: { tenant: string; executionId: string }): boolean {
    return this.#find(key) !== undefined
  }

  /** Of all, the one longest kept first. */
  *facts(): Iterable<ExecutionFacts> {
    for (const { stored } of this.#inOrder) yield stored.facts
  }

  #find({ tenant, executionId }: { tenant: string; executionId: string }): Kept | undefined {
    for (const own of this.#byFlow.values()) {
      const kept = own.get(executionId)
      if (kept?.stored.facts.tenant === tenant) return kept
    }
    return undefined
  }

  #shrink(): number {
    let goneCount = 0
    for (const oldest of this.#inOrder) {
      if (this.#bytes <= this.#limits.maxBytes || this.#inOrder.size === 1) break
      this.#remove(oldest)
      goneCount += 1
    }
    return goneCount
  }

  #remove(kept: Kept): void {
    const own = this.#byFlow.get(kept.flowKey)
    own?.delete(kept.stored.facts.executionId)
    if (own?.size === 0) this.#byFlow.delete(kept.flowKey)
    this.#inOrder.delete(kept)
    this.#bytes -= kept.bytes
  }
}
