import { type PoolSpan, type PoolSpans, poolSpansOf } from '../../baseline/pool-spans.ts'
import { concurrencyOf } from '../../stats/concurrency.ts'
import { earlierOf, msFromNs, offsetNs } from '../../time/unix-ns.ts'

/** Who waited for a pool and who held it meanwhile, over the newest executions of all flows. */
export interface PoolContention {
  readonly tenant: string
  /** Absent for pools without a name, all together. */
  readonly pool: string | undefined
  /** Waits that were joined with holds. */
  readonly waitCount: number
  readonly waitMs: number
  /** Of that, while nobody was seen to hold anything: the resource was being made, or its holder has no detail spans. */
  readonly unexplainedMs: number
  /** The largest first, at most `MAX_LISTED_COUNT`. */
  readonly waiters: readonly PoolWaiter[]
  readonly holders: readonly PoolHolder[]
  readonly use: PoolUse | undefined
  /** Waits and holds that are too old to be kept. */
  readonly forgottenCount: number
}

/** A step whose runs waited for the pool. */
export interface PoolWaiter {
  readonly flowId: string
  readonly stepId: string | undefined
  readonly waitCount: number
  readonly waitMs: number
}

/** A step whose runs held resources while others waited. */
export interface PoolHolder {
  readonly flowId: string
  readonly stepId: string | undefined
  /** Held while somebody waited, once for each who did. */
  readonly heldMs: number
  /** Of all that was held while somebody waited. */
  readonly share: number
  /** Those who held longest, of those that can be looked at where any can; at most three. */
  readonly executionIds: readonly string[]
}

/** How many resources were seen in use at once. The capacity is in no span; it is at least `maxHeldCount`. */
export interface PoolUse {
  readonly holdCount: number
  readonly windowMs: number
  readonly meanHeldCount: number
  readonly maxHeldCount: number
  readonly meanHoldMs: number
}

/** Where to begin; whoever comes sixth changes little. */
const MAX_LISTED_COUNT = 5
const MAX_EVIDENCE_COUNT = 3

/**
 * Joins each wait with the holds that overlap it:
 *
 *   wait       ├──────────────┤          10 ms
 *   hold a  ├──────┤                      held 4 of them
 *   hold b       ├──────────────────┤     held 8 of them
 *
 * A hold that two waited for counts for both. Waits that began before the oldest hold that is still known are left out:
 * who held then is forgotten. O(waits x holds), of which there is a bounded number, when somebody asks.
 */
export function poolContention(
  spans: PoolSpans,
  isKept: (executionId: string) => boolean = () => true,
): PoolContention | undefined {
  const { forgottenUntilUnixNs } = spans
  const known = spans.waits.filter(({ startUnixNs }) => startUnixNs >= forgottenUntilUnixNs)
  const [first, ...others] = [...spans.holds, ...known]
  if (first === undefined) return undefined
  // The earliest, not the first that came: figures must not depend on the order of arrival, not even in their last digit.
  const anchorUnixNs = others.reduce((at, one) => earlierOf(at, one.startUnixNs), first.startUnixNs)
  const holds = poolSpansOf(spans.holds).map((span) => timed(span, anchorUnixNs))
  const waits = poolSpansOf(known).map((span) => timed(span, anchorUnixNs))
  const waiters = new Map<string, Sum<PoolWaiter>>()
  const holders = new Map<string, HolderSum>()
  let [waitMs, unexplainedMs] = [0, 0]
  for (const wait of waits) {
    const ms = wait.endMs - wait.startMs
    waitMs += ms
    const waiter = sumOf(waiters, wait, (own) => ({ ...own, waitCount: 0, waitMs: 0 }))
    waiter.waitCount += 1
    waiter.waitMs += ms
    unexplainedMs += ms - joinHolds(wait, holds, holders)
  }
  return {
    tenant: spans.tenant,
    pool: spans.pool,
    waitCount: waits.length,
    waitMs,
    unexplainedMs: Math.max(0, unexplainedMs),
    waiters: [...waiters.values()].sort((a, b) => b.waitMs - a.waitMs).slice(0, MAX_LISTED_COUNT),
    holders: topHolders(holders, isKept),
    use: useOf(holds),
    forgottenCount: spans.forgottenHoldCount + spans.forgottenWaitCount,
  }
}

/** A span in ms after some moment: numbers are compared a hundred thousand times where bigints would be felt. */
interface Timed {
  readonly span: PoolSpan
  readonly startMs: number
  readonly endMs: number
}

function timed(span: PoolSpan, anchorUnixNs: bigint): Timed {
  return {
    span,
    startMs: msFromNs(offsetNs(span.startUnixNs, anchorUnixNs)),
    endMs: msFromNs(offsetNs(span.endUnixNs, anchorUnixNs)),
  }
}

/** Of one tenant, or of all; by tenant and name. */
export function poolReports(
  pools: readonly PoolSpans[],
  tenant: string | undefined,
  isKept: (execution: { readonly tenant: string; readonly executionId: string }) => boolean,
): PoolContention[] {
  return pools
    .filter((pool) => tenant === undefined || pool.tenant === tenant)
    .flatMap((pool) => {
      const isKeptHere = (executionId: string) => isKept({ tenant: pool.tenant, executionId })
      return poolContention(pool, isKeptHere) ?? []
    })
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}

function nameOf({ tenant, pool }: PoolContention): string {
  return JSON.stringify([tenant, pool])
}

type Sum<T> = { -readonly [K in keyof T]: T[K] }

interface HolderSum extends Pick<PoolHolder, 'flowId' | 'stepId'> {
  heldMs: number
  readonly byExecution: Map<string, number>
}

/** Adds what was held during the wait; the ms of it in which at least one was held. */
function joinHolds(wait: Timed, holds: readonly Timed[], holders: Map<string, HolderSum>): number {
  const overlaps: Timed[] = []
  for (const hold of holds) {
    const startMs = Math.max(wait.startMs, hold.startMs)
    const endMs = Math.min(wait.endMs, hold.endMs)
    if (startMs < endMs) overlaps.push({ span: hold.span, startMs, endMs })
  }
  for (const hold of overlaps) {
    const ms = hold.endMs - hold.startMs
    const holder = sumOf(holders, hold, (own) => ({ ...own, heldMs: 0, byExecution: new Map() }))
    holder.heldMs += ms
    const { executionId } = hold.span
    holder.byExecution.set(executionId, (holder.byExecution.get(executionId) ?? 0) + ms)
  }
  const explained = concurrencyOf(overlaps, wait.endMs - wait.startMs)
  return explained === undefined ? 0 : explained.busyRatio * explained.windowMs
}

function topHolders(
  holders: ReadonlyMap<string, HolderSum>,
  isKept: (executionId: string) => boolean,
): PoolHolder[] {
  const all = [...holders.values()].sort((a, b) => b.heldMs - a.heldMs)
  const sumMs = all.reduce((sum, { heldMs }) => sum + heldMs, 0)
  return all.slice(0, MAX_LISTED_COUNT).map(({ flowId, stepId, heldMs, byExecution }) => ({
    flowId,
    stepId,
    heldMs,
    share: heldMs / sumMs,
    executionIds: longest(byExecution, isKept),
  }))
}

function longest(
  byExecution: ReadonlyMap<string, number>,
  isKept: (executionId: string) => boolean,
): string[] {
  const inOrder = [...byExecution]
    .sort(([a, aMs], [b, bMs]) => bMs - aMs || (a < b ? -1 : 1))
    .map(([executionId]) => executionId)
  const kept = inOrder.filter(isKept)
  return (kept.length === 0 ? inOrder : kept).slice(0, MAX_EVIDENCE_COUNT)
}

function useOf(holds: readonly Timed[]): PoolUse | undefined {
  const startMs = holds.reduce((at, hold) => Math.min(at, hold.startMs), Number.POSITIVE_INFINITY)
  const found = concurrencyOf(holds, (holds.at(-1)?.endMs ?? 0) - startMs)
  if (found === undefined) return undefined
  const { count, windowMs, meanOpenCount, maxOpenCount } = found
  return {
    holdCount: count,
    windowMs,
    meanHeldCount: meanOpenCount,
    maxHeldCount: maxOpenCount,
    meanHoldMs: (meanOpenCount * windowMs) / count,
  }
}

function sumOf<T>(
  sums: Map<string, T>,
  { span: { flowId, stepId } }: Timed,
  empty: (own: Pick<PoolSpan, 'flowId' | 'stepId'>) => T,
): T {
  const key = JSON.stringify([flowId, stepId])
  const known = sums.get(key) ?? empty({ flowId, stepId })
  sums.set(key, known)
  return known
}
