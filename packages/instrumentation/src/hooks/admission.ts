import { nowNs } from '../clock.ts'
import type { Enter } from '../patching/wrap.ts'
import { errorClass, isObject } from '../qflow-surface.ts'
import { type CheckKind, CheckLog } from '../records/check-log.ts'
import { ownerOf } from '../records/owner.ts'
import type { Telemetry } from '../telemetry.ts'

/** DAO policies, limits and billing: what a start waits for before its first step. */
export function checkHook(telemetry: Telemetry, kind: CheckKind): Enter {
  return () => {
    const owner = ownerOf(telemetry.carrier.active())
    if (owner?.kind !== 'flow' || owner.state !== 'starting') return undefined
    owner.checks ??= new CheckLog(telemetry)
    const { checks } = owner
    const startNs = nowNs()
    checks.enter(startNs)
    const leave = (hasPassed: boolean | undefined, errorType: string | undefined) =>
      checks.leave({ kind, startNs, endNs: nowNs(), hasPassed, errorType })
    return {
      context: undefined,
      succeed: (result) => leave(passedOf(result), undefined),
      fail: (error) => leave(false, errorClass(error)),
    }
  }
}

/** A list of policy results, `{ allowed }` or `{ allocated }`; anything else says nothing. */
function passedOf(result: unknown): boolean | undefined {
  if (Array.isArray(result)) {
    return result.every((entry) => !isObject(entry) || entry['result'] !== 'fail')
  }
  if (!isObject(result)) return undefined
  const verdict = result['allowed'] ?? result['allocated']
  return typeof verdict === 'boolean' ? verdict : undefined
}
