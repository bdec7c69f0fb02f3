import { flowKey } from './flow-state.ts'
import type { Execution } from './trace/execution.ts'

/** Rows and their attributes, by estimate. */
const SPAN_BYTES = 1_500

/** Finished executions in full, for pages and `why`: the newest of each flow, within a bound over all flows. */
export class KeptExecutions {
  readonly #byFlow = new Map<string, Map<string, Execution>>()
  /** Of all flows, the one longest kept first. */
  readonly #inOrder = new Set<Execution>()
  readonly #limits: { readonly perFlowCount: number; readonly maxBytes: number }
  #spanCount = 0

  constructor(limits: { readonly perFlowCount: number; readonly maxBytes: number }) {
    this.#limits = limits
  }

  /** Replaces an earlier form. Returns how many others had to go because all flows together are too large. O(1). */
  add(execution: Execution): number {
    const key = flowKey(execution)
    const own = this.#byFlow.get(key) ?? new Map<string, Execution>()
    this.#byFlow.set(key, own)
    this.#remove(own.get(execution.executionId))
    own.set(execution.executionId, execution)
    this.#inOrder.add(execution)
    this.#spanCount += execution.spanCount
    if (own.size > this.#limits.perFlowCount) {
      const [oldest] = own.values()
      this.#remove(oldest)
    }
    return this.#shrink()
  }

  find({ tenant, executionId }: { tenant: string; executionId: string }): Execution | undefined {
    for (const own of this.#byFlow.values()) {
      const execution = own.get(executionId)
      if (execution?.tenant === tenant) return execution
    }
    return undefined
  }

  all(): readonly Execution[] {
    return [...this.#inOrder]
  }

  #shrink(): number {
    let goneCount = 0
    for (const oldest of this.#inOrder) {
      const isWithin = this.#spanCount * SPAN_BYTES <= this.#limits.maxBytes
      if (isWithin || this.#inOrder.size === 1) break
      this.#remove(oldest)
      goneCount += 1
    }
    return goneCount
  }

  #remove(execution: Execution | undefined): void {
    if (execution === undefined) return
    const key = flowKey(execution)
    const own = this.#byFlow.get(key)
    own?.delete(execution.executionId)
    if (own?.size === 0) this.#byFlow.delete(key)
    this.#inOrder.delete(execution)
    this.#spanCount -= execution.spanCount
  }
}
