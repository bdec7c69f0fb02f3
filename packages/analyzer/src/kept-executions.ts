import type { Execution } from './trace/execution.ts'
import {
  type ExecutionFacts,
  restoreExecution,
  type StoredExecution,
} from './trace/stored-execution.ts'

/** A link of the chain in which they were kept. */
interface Kept {
  readonly own: KeptOfFlow
  readonly stored: StoredExecution
  older: Kept | undefined
  newer: Kept | undefined
}

/** The executions of one flow, the one longest kept first. */
interface KeptOfFlow {
  readonly flowKey: string
  readonly all: Kept[]
}

/** Finished executions in full, for pages and `why`: the newest of each flow, within a bound over all flows. */
export class KeptExecutions {
  /** By tenant and id. */
  readonly #byId = new Map<string, Map<string, Kept>>()
  readonly #byFlow = new Map<string, KeptOfFlow>()
  /** The ends of the chain over all flows. */
  #oldest: Kept | undefined
  #newest: Kept | undefined
  readonly #limits: { readonly perFlowCount: number; readonly maxBytes: number }
  #bytes = 0

  constructor(limits: { readonly perFlowCount: number; readonly maxBytes: number }) {
    this.#limits = limits
  }

  /** Replaces an earlier form. Returns how many others had to go because all flows together are too large. O(executions of the flow). */
  add(flowKey: string, stored: StoredExecution): number {
    const earlier = this.#find(stored.facts)
    if (earlier !== undefined) this.#remove(earlier)
    const own = this.#ofFlow(flowKey)
    const kept: Kept = { own, stored, older: this.#newest, newer: undefined }
    if (this.#newest === undefined) this.#oldest = kept
    else this.#newest.newer = kept
    this.#newest = kept
    own.all.push(kept)
    this.#ofTenant(stored.facts.tenant).set(stored.facts.executionId, kept)
    this.#bytes += stored.bytes
    // It has one at least, the newest.
    if (own.all.length > this.#limits.perFlowCount) this.#remove(own.all[0] as Kept)
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
    for (let kept = this.#oldest; kept !== undefined; kept = kept.newer) yield kept.stored.facts
  }

  #find({ tenant, executionId }: { tenant: string; executionId: string }): Kept | undefined {
    return this.#byId.get(tenant)?.get(executionId)
  }

  #ofTenant(tenant: string): Map<string, Kept> {
    const known = this.#byId.get(tenant)
    if (known !== undefined) return known
    const fresh = new Map<string, Kept>()
    this.#byId.set(tenant, fresh)
    return fresh
  }

  #ofFlow(flowKey: string): KeptOfFlow {
    const known = this.#byFlow.get(flowKey)
    if (known !== undefined) return known
    const fresh = { flowKey, all: [] }
    this.#byFlow.set(flowKey, fresh)
    return fresh
  }

  #shrink(): number {
    let goneCount = 0
    while (this.#bytes > this.#limits.maxBytes && this.#oldest !== this.#newest) {
      // The chain has two at least.
      this.#remove(this.#oldest as Kept)
      goneCount += 1
    }
    return goneCount
  }

  #remove(kept: Kept): void {
    const { own, stored, older, newer } = kept
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
    // One that is gone keeps nobody: the others may be collected long before it.
    kept.older = undefined
    kept.newer = undefined
    own.all.splice(own.all.indexOf(kept), 1)
    if (own.all.length === 0) this.#byFlow.delete(own.flowKey)
    const { tenant, executionId } = stored.facts
    const ofTenant = this.#byId.get(tenant)
    ofTenant?.delete(executionId)
    if (ofTenant?.size === 0) this.#byId.delete(tenant)
    this.#bytes -= stored.bytes
  }
}
