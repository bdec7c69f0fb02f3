import type { Context, Span } from '@opentelemetry/api'
import { ATTR_QFLOW_POOL_NAME } from '@qflow-otel/semconv'
import { nowNs } from '../clock.ts'
import type { Call, Enter } from '../patching/wrap.ts'
import { RESOURCE_WAIT } from '../phases.ts'
import { errorClass, isObject } from '../qflow-surface.ts'
import { openStepOf } from '../records/owner.ts'
import type { StepRecord } from '../records/step-record.ts'
import type { Telemetry } from '../telemetry.ts'
import { endDetail, PhaseCall, type PhaseKind, phaseHook, startDetail } from './phase-call.ts'

/** Resources that are held at once and have a span; further ones are held without. */
const MAX_HOLDS = 10_000

/** `createPool`: the only place that knows a pool's name, and the way to the pool's class where no file can be patched. */
export function createPoolHook(telemetry: Telemetry, attachPool: (pool: object) => void): Enter {
  return (_manager, [name]) => ({
    context: undefined,
    succeed(pool) {
      if (!isObject(pool)) return
      if (typeof name === 'string') telemetry.tally.pools.name(pool, name)
      attachPool(pool)
    },
    fail: () => {},
  })
}

/** Open hold spans by pool and resource; a resource may be a plain value. */
export type Holds = Map<unknown, Map<unknown, Span>>

/** `acquire`: waiting, from entry to settling, creation included. */
export function acquireHook(telemetry: Telemetry, holds: Holds): Enter {
  return (pool) => {
    const active = telemetry.carrier.active()
    const record = openStepOf(active)
    const name = isObject(pool) ? telemetry.tally.pools.nameOf(pool) : undefined
    if (record === undefined) return name === undefined ? undefined : countedWait(telemetry, name)
    return new AcquireCall(record, { telemetry, pool, name, active, holds })
  }
}

interface Acquisition {
  readonly telemetry: Telemetry
  readonly pool: unknown
  readonly name: string | undefined
  readonly active: Context
  readonly holds: Holds
}

const resourceWait: PhaseKind = { phase: RESOURCE_WAIT }

class AcquireCall extends PhaseCall {
  private readonly acquisition: Acquisition

  constructor(record: StepRecord, acquisition: Acquisition) {
    const { telemetry, active, name } = acquisition
    const detail = { telemetry, active, name: name === undefined ? 'acquire' : `acquire ${name}` }
    super(record, resourceWait, record.scope.isDetailed ? detail : undefined)
    this.acquisition = acquisition
    if (name !== undefined) this.span?.setAttribute(ATTR_QFLOW_POOL_NAME, name)
  }

  override succeed(resource: unknown): void {
    const endNs = this.finish('')
    if (this.record.scope.isDetailed) hold(this.record, this.acquisition, resource, endNs)
  }

  override fail(error: unknown): void {
    this.finish(errorClass(error))
  }

  private finish(errorType: string): number {
    const endNs = this.leave()
    if (this.span) endDetail(this.span, endNs, errorType === '' ? undefined : errorType)
    const { name, telemetry } = this.acquisition
    if (name !== undefined) telemetry.tally.pools.add(name, endNs - this.startNs, errorType)
    return endNs
  }
}

/** Outside a step a wait is nobody's phase, but still the pool's. */
function countedWait(telemetry: Telemetry, name: string): Call {
  const startNs = nowNs()
  const { pools } = telemetry.tally
  return {
    context: undefined,
    succeed: () => pools.add(name, nowNs() - startNs, ''),
    fail: (error) => pools.add(name, nowNs() - startNs, errorClass(error)),
  }
}

function hold(record: StepRecord, acquisition: Acquisition, resource: unknown, ns: number): void {
  const { telemetry, pool, name, active, holds } = acquisition
  const held = holds.get(pool) ?? new Map<unknown, Span>()
  if (held.size >= MAX_HOLDS) {
    telemetry.tally.drop('hold_limit')
    return
  }
  const spanName = name === undefined ? 'hold' : `hold ${name}`
  const span = startDetail({ telemetry, name: spanName, active }, record, ns)
  if (name !== undefined) span.setAttribute(ATTR_QFLOW_POOL_NAME, name)
  held.set(resource, span)
  holds.set(pool, held)
}

/** `release`: the end of a hold, by the resource's identity. It ends on entry: what the pool then does holds nobody up. */
export function releaseHook(holds: Holds): Enter {
  return (pool, [resource]) => {
    const held = holds.get(pool)
    const span = held?.get(resource)
    if (held === undefined || span === undefined) return undefined
    held.delete(resource)
    if (held.size === 0) holds.delete(pool)
    endDetail(span, nowNs(), undefined)
    return undefined
  }
}

/** Ends every hold that is open. */
export function endHolds(holds: Holds): void {
  const endNs = nowNs()
  for (const held of holds.values()) {
    for (const span of held.values()) endDetail(span, endNs, undefined)
  }
  holds.clear()
}

/** `acquireRuntime` and other pools without a class of their own: only the waiting phase. */
export function waitHook(telemetry: Telemetry): Enter {
  return phaseHook(telemetry, resourceWait)
}
