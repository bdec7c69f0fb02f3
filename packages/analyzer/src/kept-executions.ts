import type { Execution } from './trace/execution.ts'
import { REMEMBERED_COUNT } from './trace/held-store.ts'
import { LaidClosed } from './trace/laid-closed.ts'
import {
  type ExecutionFacts,
  restoreExecution,
  type StoredExecution,
} from './trace/stored-execution.ts'

/** A link of two chains in which they were kept: that of its flow, and that of all. */
interface Kept {
  readonly own: KeptOfFlow
  stored: StoredExecution
  /** How many were added before. */
  readonly number: number
  /** Whether it is found by its id. */
  isListed: boolean
  older: Kept | undefined
  newer: Kept | undefined
  /** The next of its flow. */
  newerOfFlow: Kept | undefined
}

/**
 * The ends of the chain of one flow. It is a chain since nearly all that leave it are its oldest: with many flows a list of
 * them lies far away, and each that leaves moves all others in it.
 */
interface KeptOfFlow {
  readonly flowKey: string
  oldest: Kept | undefined
  newest: Kept | undefined
  count: number
}

/** Blocks of rows may hold so much more than what is kept weighs, so that few executions are not copied. */
const MIN_SHARED_BYTES = 2 ** 20

/** Finished executions in full, for pages and `why`: the newest of each flow, within a bound over all flows. */
export class KeptExecutions {
  /** By tenant and id, as far as they are listed. */
  readonly #byId = new Map<string, Map<string, Kept>>()
  /** The oldest that is not: nearly all go before anybody asks for one, and a map of them is made anew again and again. */
  #oldestUnlisted: Kept | undefined
  #addedCount = 0
  readonly #byFlow = new Map<string, KeptOfFlow>()
  /** The ends of the chain over all flows. */
  #oldest: Kept | undefined
  #newest: Kept | undefined
  readonly #limits: { readonly perFlowCount: number; readonly maxBytes: number }
  #bytes = 0
  /** The oldest that may share a block of rows with others. */
  #oldestShared: Kept | undefined

  constructor(limits: { readonly perFlowCount: number; readonly maxBytes: number }) {
    this.#limits = limits
  }

  /**
   * Replaces an earlier form; `isReplacement`: whether there may be one that is not older than `REMEMBERED_COUNT` others. Where an
   * earlier one was not known, both are kept until it goes, and the newer one is found. Returns how many others had to go because
   * all flows together are too large. O(executions of the flow).
   */
  add(flowKey: string, stored: StoredExecution, isReplacement: boolean): number {
    this.#list(isReplacement ? this.#addedCount : this.#addedCount - REMEMBERED_COUNT)
    const earlier = this.#listed(stored.facts)
    if (earlier !== undefined) this.#remove(earlier)
    const own = this.#ofFlow(flowKey)
    const kept: Kept = {
      own,
      stored,
      number: this.#addedCount++,
      isListed: false,
      older: this.#newest,
      newer: undefined,
      newerOfFlow: undefined,
    }
    if (this.#newest === undefined) this.#oldest = kept
    else this.#newest.newer = kept
    this.#newest = kept
    this.#oldestShared ??= kept
    this.#oldestUnlisted ??= kept
    if (own.newest === undefined) own.oldest = kept
    else own.newest.newerOfFlow = kept
    own.newest = kept
    own.count += 1
    this.#bytes += stored.bytes
    // It has one at least, the newest.
    if (own.count > this.#limits.perFlowCount) this.#remove(own.oldest as Kept)
    this.#partOldest(stored)
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

  #find(key: { tenant: string; executionId: string }): Kept | undefined {
    this.#list(this.#addedCount)
    return this.#listed(key)
  }

  #listed({ tenant, executionId }: { tenant: string; executionId: string }): Kept | undefined {
    return this.#byId.size === 0 ? undefined : this.#byId.get(tenant)?.get(executionId)
  }

  /** Lists those of the first `count` that were added. */
  #list(count: number): void {
    let one = this.#oldestUnlisted
    for (; one !== undefined && one.number < count; one = one.newer) {
      const { tenant, executionId } = one.stored.facts
      this.#ofTenant(tenant).set(executionId, one)
      one.isListed = true
    }
    this.#oldestUnlisted = one
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
    const fresh = { flowKey, oldest: undefined, newest: undefined, count: 0 }
    this.#byFlow.set(flowKey, fresh)
    return fresh
  }

  /**
   * Gives the oldest a row of its own where blocks of rows would otherwise hold more than all that is kept: one execution of a
   * flow that seldom runs holds a block of others that went.
   */
  #partOldest(newest: StoredExecution): void {
    if (!(newest instanceof LaidClosed)) return
    const firstByte = newest.spans.block.bytesBefore - this.#bytes - MIN_SHARED_BYTES
    for (let one = this.#oldestShared; one !== undefined; one = one.newer) {
      this.#oldestShared = one
      if (!(one.stored instanceof LaidClosed)) continue
      if (one.stored.spans.block.bytesBefore >= firstByte) return
      one.stored = one.stored.withOwnRow()
    }
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
    if (this.#oldestShared === kept) this.#oldestShared = newer
    if (this.#oldestUnlisted === kept) this.#oldestUnlisted = newer
    // One that is gone keeps nobody: the others may be collected long before it.
    kept.older = undefined
    kept.newer = undefined
    removeFrom(own, kept)
    if (own.count === 0) this.#byFlow.delete(own.flowKey)
    this.#bytes -= stored.bytes
    if (kept.isListed) this.#unlist(kept)
  }

  #unlist(kept: Kept): void {
    const { tenant, executionId } = kept.stored.facts
    const ofTenant = this.#byId.get(tenant)
    // The id may lead to a newer form.
    if (ofTenant?.get(executionId) === kept) ofTenant.delete(executionId)
    if (ofTenant?.size === 0) this.#byId.delete(tenant)
  }
}

/** O(executions kept of the flow) for one that is replaced, else O(1). */
function removeFrom(own: KeptOfFlow, kept: Kept): void {
  let before: Kept | undefined
  for (let one = own.oldest; one !== undefined && one !== kept; one = one.newerOfFlow) before = one
  if (before === undefined) own.oldest = kept.newerOfFlow
  else before.newerOfFlow = kept.newerOfFlow
  if (own.newest === kept) own.newest = before
  kept.newerOfFlow = undefined
  own.count -= 1
}
