import { createHookCatalog, type HookCatalog, type TargetName } from './hooks/catalog.ts'
import { endHolds, type Holds } from './hooks/pool.ts'
import { createPatchSet, type PatchSet } from './patching/patch-set.ts'
import { isObject } from './qflow-surface.ts'
import type { Telemetry } from './telemetry.ts'

/** Puts the hooks on the engine's objects and classes, whichever way they were reached. */
export interface Attachment {
  /** `object` is an instance or a prototype that has the target's methods. */
  attach(target: TargetName, object: unknown): void
  detachAll(): void
}

/** Fields of an engine that lead to further targets. */
const engineFields: readonly TargetName[] = ['resourcePoolManager', 'parallelExecutionEngine']

export function createAttachment(telemetry: Telemetry): Attachment {
  const patches: PatchSet = createPatchSet(telemetry)
  const holds: Holds = new Map()
  const hooks: HookCatalog = createHookCatalog(telemetry, patches, holds)
  const attach = (target: TargetName, object: unknown) => {
    if (!isObject(object)) return
    patches.attach(object, target, hooks[target])
    telemetry.faults.guard(`looking into a ${target}`, () => {
      if (target === 'resourcePoolManager') adoptPools(object)
      if (target !== 'executionEngine') return
      for (const field of engineFields) attach(field, ownValueOf(object, field))
    })
  }
  /** Pools that were created before this ran. */
  const adoptPools = (manager: object) => {
    const pools = ownValueOf(manager, 'pools')
    if (!(pools instanceof Map)) return
    for (const [name, pool] of pools) {
      if (!isObject(pool)) continue
      if (typeof name === 'string') telemetry.tally.pools.name(pool, name)
      attach('resourcePool', pool)
    }
  }
  return {
    attach,
    detachAll() {
      patches.detachAll()
      // Their release will not be seen any more.
      endHolds(holds)
      telemetry.backlog.flush()
    },
  }
}

/** A field as an instance has it. Accessors are the host's code, and throw on a prototype that is no instance. */
function ownValueOf(object: object, field: string): unknown {
  return Object.getOwnPropertyDescriptor(object, field)?.value
}
