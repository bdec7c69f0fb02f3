import type { Execution } from './trace/execution.ts'
import { keyOf } from './trace/held.ts'
import {
  type ExecutionFacts,
  restoreExecution,
  type StoredExecution,
} from './trace/stored-execution.ts'

interface Kept {
  /** Of the execution among those of all tenants. */
  readonly id: string
  readonly flowKey: string
  readonly stored: StoredExecution
  readonly bytes: number
}

/** Finished executions in full, for pages and `why`: the newest of each flow, within a bound over all flows. */
export class KeptExecutions {
  readonly #byId = new Map<string, Kept>()
  /** The one longest kept first. */
  readonly #byFlow = new Map<string, Set<Kept>>()
  /** Of all flows, the one longest kept first. */
  readonly #inOrder = new Set<Kept>()
  readonly #limits: { readonly perFlowCount: number; readonly maxBytes: number }
  #bytes = 0

  constructor(limits: { readonly perFlowCount: number; readonly maxBytes: number }) {
    this.#limits = limits
  }

  /** Replaces an earlier form. Returns how many others had to go because all flows together are too large. O(spans). */
  add(flowKey: string, stored: StoredExecution): number {
    const id = idOf(stored.facts)
    const earlier = this.#byId.get(id)
    if (earlier !== undefined) this.#remove(earlier)
    const kept: Kept = { id, flowKey, stored, bytes: stored.bytes }
    const own = this.#byFlow.get(flowKey) ?? new Set<Kept>()
    own.add(kept)
    this.#byFlow.set(flowKey, own)
    this.#byId.set(id, kept)
    this.#inOrder.add(kept)
    this.#bytes += kept.bytes
    if (own.size > this.#limits.perFlowCount) {
      const [oldest] = own
      if (oldest !== undefined) this.#remove(oldest)
    }
    return this.#shrink()
  }

  find(key: { tenant: string; executionId: string }): Execution | undefined {
    const kept = this.#byId.get(idOf(key))
    return kept === undefined ? undefined : restoreExecution(kept.stored)
  }

  has(key: { tenant: string; executionId: string }): boolean {
    return this.#byId.has(idOf(key))
  }

  /** Of all, the one longest kept first. */
  *facts(): Iterable<ExecutionFacts> {
    for (const { stored } of this.#inOrder) yield stored.facts
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
    own?.delete(kept)
    if (own?.size === 0) this.#byFlow.delete(kept.flowKey)
    this.#byId.delete(kept.id)
    this.#inOrder.delete(kept)
    this.#bytes -= kept.bytes
  }
}

function idOf({ tenant, executionId }: { tenant: string; executionId: string }): string {
  return keyOf(tenant, executionId)
}
