import { type Kept, type KeptOfFlow, removeFrom, storedBy } from './kept-chain.ts'
import { type ExecutionKey, PinnedExecutions } from './pinned-executions.ts'
import type { Execution } from './trace/execution.ts'
import { REMEMBERED_COUNT } from './trace/held-store.ts'
import { LaidClosed } from './trace/laid-closed.ts'
import {
  type ExecutionFacts,
  restoreExecution,
  type StoredExecution,
} from './trace/stored-execution.ts'

/** Whether an execution of a flow can be looked at in full. */
export type IsKept = (executionId: string) => boolean

/** What is kept of one flow, until executions are added. */
export interface KeptForFlow {
  readonly isKept: IsKept
  /** See `KeptExecutions`. */
  readonly trim: (waitingCount: number) => void
  /** The flow's findings name these and no others; see `KeptExecutions`. */
  readonly pin: (executionIds: Iterable<string>) => number
  /** Whether all that they named last is pinned. */
  readonly isPinned: () => boolean
}

const NONE_STORED: ReadonlyMap<string, StoredExecution> = new Map()

/** Blocks of rows may hold so much more than what is kept weighs, so that few executions are not copied. */
const MIN_SHARED_BYTES = 2 ** 20

/** Whose evidence it is: of findings of a flow by its key, or of alerts by tenant. */
export interface PinOwner {
  readonly kind: keyof typeof PINNED_RATIO
  readonly key: string
}

/** Of what executions kept in full may weigh, those pinned for findings, and those for findings and alerts. */
const PINNED_RATIO = { findings: 0.25, alerts: 0.5 }

/**
 * Finished executions in full, for pages and `why`: those that wait to enter the detectors, the newest of each flow that did, and
 * those that findings and alerts name; within a bound over all flows.
 */
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
  /** How often one went. */
  #goneCount = 0
  /** The oldest that may share a block of rows with others. */
  #oldestShared: Kept | undefined
  readonly #pinned = new PinnedExecutions()

  constructor(limits: { readonly perFlowCount: number; readonly maxBytes: number }) {
    this.#limits = limits
  }

  /**
   * Replaces an earlier form; `isReplacement`: whether there may be one that is not older than `REMEMBERED_COUNT` others. Where an
   * earlier one was not known, both are kept until it goes, and the newer one is found. Returns how many others had to go because
   * all flows together are too large; `trim` bounds the flow. O(executions of the flow) for a replacement, else O(1).
   */
  add(flowKey: string, stored: StoredExecution, isReplacement: boolean): number {
    this.#list(isReplacement ? this.#addedCount : this.#addedCount - REMEMBERED_COUNT)
    const earlier = this.#listed(stored.facts)
    if (earlier !== undefined) this.#remove(earlier)
    if (isReplacement) this.#pinned.replace(stored)
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
    this.#partOldest(stored)
    return this.#shrink()
  }

  /**
   * Lets go of a flow's oldest. `waitingCount`: those of it that are still to enter the detectors, besides which `perFlowCount` stay:
   * what is told of an execution is told when it enters, and would else name one that is gone.
   */
  trim(flowKey: string, waitingCount: number): void {
    this.#trim(this.#byFlow.get(flowKey), waitingCount)
  }

  find(key: ExecutionKey): Execution | undefined {
    const stored = this.#find(key)
    return stored === undefined ? undefined : restoreExecution(stored)
  }

  has(key: ExecutionKey): boolean {
    return this.#find(key) !== undefined
  }

  /** What is kept of a flow while its executions enter: for many questions of one flow. */
  ofFlow({ key, tenant }: { readonly key: string; readonly tenant: string }): KeptForFlow {
    const owner = { kind: 'findings', key } as const
    const own = this.#byFlow.get(key)
    let [chain, goneCount] = [NONE_STORED, -1]
    // Read when it is asked for, and again when some of it went.
    const findIn = (executionId: string) => {
      if (goneCount !== this.#goneCount) [chain, goneCount] = [storedBy(own), this.#goneCount]
      return chain.get(executionId)
    }
    return {
      trim: (waitingCount) => this.#trim(own, waitingCount),
      isKept: (executionId) => {
        if (this.#pinned.find({ tenant, executionId }) !== undefined) return true
        return findIn(executionId) !== undefined
      },
      pin: (executionIds) =>
        this.#pin(owner, { tenant, executionIds }, ({ executionId }) => findIn(executionId)),
      isPinned: () => this.#pinned.isWhole(ownerKey(owner)),
    }
  }

  /** Keeps what the owner names beside the newest, and no longer what it named before. Returns how many found no room. */
  pin(
    owner: PinOwner,
    named: { readonly tenant: string; readonly executionIds: Iterable<string> },
  ): number {
    return this.#pin(owner, named, (key) => this.#find(key))
  }

  /** Of all, the one longest kept first; then those that only somebody's evidence keeps. */
  *facts(): Iterable<ExecutionFacts> {
    for (let kept = this.#oldest; kept !== undefined; kept = kept.newer) yield kept.stored.facts
    this.#list(this.#addedCount)
    for (const { facts } of this.#pinned.all()) if (this.#listed(facts) === undefined) yield facts
  }

  #trim(own: KeptOfFlow | undefined, waitingCount: number): void {
    if (own === undefined) return
    const maxCount = this.#limits.perFlowCount + waitingCount
    while (own.count > maxCount && own.oldest !== undefined) this.#remove(own.oldest)
  }

  #find(key: ExecutionKey): StoredExecution | undefined {
    this.#list(this.#addedCount)
    return this.#listed(key)?.stored ?? this.#pinned.find(key)
  }

  #pin(
    owner: PinOwner,
    named: { readonly tenant: string; readonly executionIds: Iterable<string> },
    find: (key: ExecutionKey) => StoredExecution | undefined,
  ): number {
    const maxBytes = this.#limits.maxBytes * PINNED_RATIO[owner.kind]
    return this.#pinned.pin(ownerKey(owner), named, { maxBytes, find })
  }

  #listed({ tenant, executionId }: ExecutionKey): Kept | undefined {
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
    const maxBytes = this.#limits.maxBytes - this.#pinned.bytes
    while (this.#bytes > maxBytes && this.#oldest !== this.#newest) {
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
    this.#goneCount += 1
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

function ownerKey({ kind, key }: PinOwner): string {
  return `${kind} ${key}`
}
