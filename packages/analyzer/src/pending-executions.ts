import { type Counters, countOne } from './baseline/counters.ts'
import { copyOrders } from './baseline/learnt-orders.ts'
import type { Observation } from './baseline/observation.ts'
import type { FlowState } from './flow-state.ts'
import type { Observer } from './observer.ts'
import { durationUnixNs } from './time/unix-ns.ts'
import { LaidClosed } from './trace/laid-closed.ts'
import type { ClosedExecution } from './trace/stored-execution.ts'

/**
 * A closed execution on its way into the detectors, which it enters in the order of ends. It is observed when it enters: until
 * then it is what it is kept as anyway, and what is made of it lives for a moment only.
 */
export interface PendingExecution {
  readonly closed: ClosedExecution
  readonly executionId: string
  /** Its times, or those of its arrival, see `pendingExecution`. */
  readonly startUnixNs: bigint
  readonly endUnixNs: bigint
  /** By estimate. */
  readonly bytes: number
}

/** One that waits: of those that waited when a snapshot was taken only the observation is left. */
export type Pending = PendingExecution | Observation

/** Clocks of hosts disagree by less; a later end than this is a broken clock. */
const MAX_AHEAD_MS = 60_000

/** The rows of one whose spans have no layout, by estimate. */
const ROW_BYTES = 400

/** What ends later ends in the future, as far as clocks can be trusted. */
export function latestEnd(nowUnixNs: bigint, latenessMs: number): bigint {
  return nowUnixNs + durationUnixNs(latenessMs + MAX_AHEAD_MS)
}

/**
 * An execution that ends after `latestEnd` has no place in the order of ends: it takes that of its arrival, so that it
 * neither waits for years nor puts all others behind it. `future_dated` counts it.
 */
export function pendingExecution(
  closed: ClosedExecution,
  { nowUnixNs, latestUnixNs }: { readonly nowUnixNs: bigint; readonly latestUnixNs: bigint },
  counters: Counters,
): PendingExecution {
  const { endUnixNs } = closed
  if (endUnixNs <= latestUnixNs && closed instanceof LaidClosed) return closed
  const { executionId, startUnixNs } = closed.stored.facts
  const bytes = closedBytes(closed)
  if (endUnixNs <= latestUnixNs) return { closed, executionId, startUnixNs, endUnixNs, bytes }
  countOne(counters, 'future_dated')
  const startOfArrival = startUnixNs - (endUnixNs - nowUnixNs)
  return { closed, executionId, startUnixNs: startOfArrival, endUnixNs: nowUnixNs, bytes }
}

/**
 * Queues closed executions, replacing earlier forms of them; `late_replacement` when one has entered already.
 * O(n log n) in what is queued, once for all arrivals: close to O(n), since both sides are in order.
 */
export function enqueue(
  pending: Pending[],
  arrivals: readonly Pending[],
  counters: Counters,
): void {
  const replaced = arrivals.filter(isReplacement).map(({ executionId }) => executionId)
  const found = replaced.length === 0 ? NONE : takeOut(pending, new Set(replaced))
  let isInOrder = true
  for (const one of arrivals) {
    if (isReplacement(one) && !found.has(one.executionId)) {
      countOne(counters, 'late_replacement')
      continue
    }
    const last = pending.at(-1)
    if (last !== undefined && comparePending(last, one) > 0) isInOrder = false
    pending.push(one)
  }
  // Mostly all that arrives ended after all that waits.
  if (!isInOrder) pending.sort(comparePending)
}

const NONE: ReadonlySet<string> = new Set()

function isReplacement(one: Pending): boolean {
  return 'closed' in one && one.closed.isReplacement
}

/** Removes those of these ids; returns which there were. */
function takeOut(pending: Pending[], ids: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>()
  const others = pending.filter(({ executionId }) => {
    const isTaken = ids.has(executionId)
    if (isTaken) found.add(executionId)
    return !isTaken
  })
  pending.length = 0
  for (const one of others) pending.push(one)
  return found
}

/** All that waits in these flows. */
export function weighPending(flows: Iterable<Pick<FlowState, 'pending'>>): {
  readonly bytes: number
  readonly count: number
} {
  let bytes = 0
  let count = 0
  for (const { pending } of flows) {
    count += pending.length
    for (const one of pending) bytes += pendingBytes(one)
  }
  return { bytes, count }
}

/** What one that waits weighs, by estimate. */
function pendingBytes(one: Pending): number {
  return 'closed' in one ? one.bytes : observationBytes(one)
}

function closedBytes({ stored }: ClosedExecution): number {
  const isLaid = stored.spans !== undefined && 'layout' in stored.spans
  return stored.bytes + (isLaid ? 0 : stored.facts.spanCount * ROW_BYTES)
}

function observationBytes({ parts, savings, steps, queued }: Observation): number {
  const placeCount = parts.length + (savings?.length ?? 0)
  return 600 + 150 * placeCount + 400 * steps.length + 100 * queued.length
}

/** The order in which executions enter the detectors: by end, then by id. */
export function comparePending(
  a: Pick<Pending, 'endUnixNs' | 'executionId'>,
  b: Pick<Pending, 'endUnixNs' | 'executionId'>,
): number {
  if (a.endUnixNs !== b.endUnixNs) return a.endUnixNs < b.endUnixNs ? -1 : 1
  if (a.executionId === b.executionId) return 0
  return a.executionId < b.executionId ? -1 : 1
}

/** The flow as plain data, as if all that waits had been observed; the flow itself stays as it is. */
export function observedFlow(
  flow: FlowState,
  observer: Observer,
  isSimulated: (one: Pending) => boolean,
): FlowState {
  if (!flow.pending.some((one) => 'closed' in one)) return flow
  const orders = copyOrders(flow.orders)
  const pending = flow.pending.map((one) =>
    'closed' in one ? observer.see({ ...flow, orders }, one, isSimulated(one)).observation() : one,
  )
  return { ...flow, orders, pending }
}
