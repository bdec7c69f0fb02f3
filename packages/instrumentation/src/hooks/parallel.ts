import { nowNs } from '../clock.ts'
import { handOver } from '../context/owned-context.ts'
import type { Enter } from '../patching/wrap.ts'
import { isObject, stringOf } from '../qflow-surface.ts'
import type { GroupRecord } from '../records/group-record.ts'
import { ownerOf } from '../records/owner.ts'
import type { Telemetry } from '../telemetry.ts'

/** `executeGroup`: steps that start in it have waited since its beginning. */
export function groupHook(telemetry: Telemetry): Enter {
  return (_engine, [group]) => {
    const active = telemetry.carrier.active()
    const owner = ownerOf(active)
    if (owner === undefined || owner.kind === 'ignored') return undefined
    const scope = owner.kind === 'flow' ? owner : owner.scope
    const record: GroupRecord = {
      kind: 'group',
      groupId: (isObject(group) ? stringOf(group['id']) : undefined) ?? 'group',
      startNs: nowNs(),
      scope,
      started: new Set(),
    }
    return {
      context: handOver(active, record),
      succeed: () => {},
      fail: () => {},
    }
  }
}
