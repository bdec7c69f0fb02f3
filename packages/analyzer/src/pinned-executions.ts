import { LaidClosed } from './trace/laid-closed.ts'
import type { StoredExecution } from './trace/stored-execution.ts'

export interface ExecutionKey {
  readonly tenant: string
  readonly executionId: string
}

interface Pinned {
  stored: StoredExecution
  ownerCount: number
}

interface Owned {
  readonly tenant: string
  readonly pinnedIds: readonly string[]
  /** For which there was no room: each is counted once. */
  readonly refusedIds: readonly string[]
  /** Whether all that it names is pinned. */
  readonly isWhole: boolean
}

/** Executions that somebody names as evidence, as long as they are named: whatever newer ones come. */
export class PinnedExecutions {
  readonly #byId = new Map<string, Map<string, Pinned>>()
  readonly #byOwner = new Map<string, Owned>()
  #bytes = 0

  /** By estimate. */
  get bytes(): number {
    return this.#bytes
  }

  find({ tenant, executionId }: ExecutionKey): StoredExecution | undefined {
    return this.#byId.get(tenant)?.get(executionId)?.stored
  }

  *all(): Iterable<StoredExecution> {
    for (const ofTenant of this.#byId.values())
      for (const { stored } of ofTenant.values()) yield stored
  }

  /** Whether all that the owner named last is pinned. */
  isWhole(owner: string): boolean {
    return this.#byOwner.get(owner)?.isWhole ?? false
  }

  /**
   * The owner names these and no others; `find` gives those that are not pinned yet. Beyond `maxBytes` none is taken. Returns how
   * many were refused now and not before.
   */
  pin(
    owner: string,
    named: { readonly tenant: string; readonly executionIds: Iterable<string> },
    shelf: {
      readonly maxBytes: number
      readonly find: (key: ExecutionKey) => StoredExecution | undefined
    },
  ): number {
    const { tenant } = named
    const ids = new Set(named.executionIds)
    const before = this.#byOwner.get(owner)
    for (const executionId of before?.pinnedIds ?? [])
      if (!ids.has(executionId)) this.#release({ tenant, executionId })
    const held = new Set(before?.pinnedIds)
    const pinnedIds: string[] = []
    const refusedIds: string[] = []
    for (const executionId of ids) {
      const key = { tenant, executionId }
      if (held.has(executionId) || this.#share(key)) pinnedIds.push(executionId)
      else {
        const stored = shelf.find(key)
        if (stored === undefined) continue
        const isRoom = this.#bytes + stored.bytes <= shelf.maxBytes
        if (isRoom) this.#take(stored)
        ;(isRoom ? pinnedIds : refusedIds).push(executionId)
      }
    }
    if (ids.size === 0) this.#byOwner.delete(owner)
    else {
      const isWhole = pinnedIds.length === ids.size
      this.#byOwner.set(owner, { tenant, pinnedIds, refusedIds, isWhole })
    }
    return refusedIds.filter((id) => !before?.refusedIds.includes(id)).length
  }

  /** Spans came late: the newer form stands for the earlier one. */
  replace(stored: StoredExecution): void {
    const { tenant, executionId } = stored.facts
    const pinned = this.#byId.get(tenant)?.get(executionId)
    if (pinned === undefined) return
    this.#bytes += stored.bytes - pinned.stored.bytes
    pinned.stored = withoutOthers(stored)
  }

  #share({ tenant, executionId }: ExecutionKey): boolean {
    const pinned = this.#byId.get(tenant)?.get(executionId)
    if (pinned === undefined) return false
    pinned.ownerCount += 1
    return true
  }

  #take(stored: StoredExecution): void {
    const { tenant, executionId } = stored.facts
    const ofTenant = this.#byId.get(tenant) ?? new Map<string, Pinned>()
    if (ofTenant.size === 0) this.#byId.set(tenant, ofTenant)
    ofTenant.set(executionId, { stored: withoutOthers(stored), ownerCount: 1 })
    this.#bytes += stored.bytes
  }

  #release({ tenant, executionId }: ExecutionKey): void {
    const ofTenant = this.#byId.get(tenant)
    const pinned = ofTenant?.get(executionId)
    if (ofTenant === undefined || pinned === undefined) return
    pinned.ownerCount -= 1
    if (pinned.ownerCount > 0) return
    ofTenant.delete(executionId)
    if (ofTenant.size === 0) this.#byId.delete(tenant)
    this.#bytes -= pinned.stored.bytes
  }
}

/** It stays for long, and would hold the rows of all whose block it shares. */
function withoutOthers(stored: StoredExecution): StoredExecution {
  return stored instanceof LaidClosed ? stored.withOwnRow() : stored
}
