import { type Circumstances, noCircumstances } from './baseline/circumstances.ts'
import { type Counters, countOne } from './baseline/counters.ts'
import { type Deployments, noDeployments } from './baseline/deployments.ts'
import { type Failures, noFailures } from './baseline/failures.ts'
import type { VersionBaseline } from './baseline/flow-baseline.ts'
import type { GroupQueue } from './baseline/group-queues.ts'
import { emptyHistory, type History } from './baseline/history.ts'
import type { LearntOrders } from './baseline/learnt-orders.ts'
import { compareObservations, type Observation } from './baseline/observation.ts'
import type { SampledExecution } from './baseline/path-samples.ts'
import type { RecentRun } from './baseline/recent-runs.ts'
import { noTraffic, type Traffic } from './baseline/traffic.ts'
import { noVariants, type Variants } from './baseline/variants.ts'
import type { Wait } from './detect/bottleneck.ts'
import type { Finding } from './detect/finding.ts'
import type { FreshEvidence } from './detect/fresh-evidence.ts'
import { emptyWatch, type RegressionWatch } from './detect/regression.ts'
import type { Explanation } from './explain/explanations.ts'
import type { FlowDefinition } from './otlp/span-record.ts'
import { durationUnixNs } from './time/unix-ns.ts'

/** Everything known of one flow besides its executions in full. Plain data. */
export interface FlowState {
  readonly tenant: string
  readonly flowId: string
  definition: FlowDefinition | undefined
  /** The last versions of it, the newest last. */
  readonly definitions: FlowDefinition[]
  readonly versions: VersionBaseline[]
  readonly variants: Variants
  readonly circumstances: Circumstances
  readonly deployments: Deployments
  readonly runs: RecentRun[]
  readonly queues: GroupQueue[]
  readonly samples: SampledExecution[]
  readonly history: History
  readonly failures: Failures
  readonly traffic: Traffic
  readonly watch: RegressionWatch
  /** Why the watch's open changes are. */
  explanations: readonly Explanation[]
  /** What the executions since then say of changes that were confirmed lately. */
  fresh: FreshEvidence[]
  /** Whether its changes were ever judged. */
  isWatched: boolean
  /** Open bottlenecks, the oldest first. */
  waits: Wait[]
  /** Open findings, the oldest first. */
  findings: Finding[]
  /** The last that were resolved, the oldest first: who looks now and then must see an end as well. */
  resolved: Finding[]
  readonly orders: LearntOrders
  /** Closed executions that still wait for earlier ones, in the order in which they will enter. */
  readonly pending: Observation[]
  /** The last that entered. */
  entered: Pick<Observation, 'endUnixNs' | 'executionId'> | undefined
  /** `flowKey`, made once. */
  readonly key: string
}

export function emptyFlow(tenant: string, flowId: string): FlowState {
  return {
    tenant,
    flowId,
    definition: undefined,
    definitions: [],
    versions: [],
    variants: noVariants(),
    circumstances: noCircumstances(),
    deployments: noDeployments(),
    runs: [],
    queues: [],
    samples: [],
    history: emptyHistory(),
    failures: noFailures(),
    traffic: noTraffic(),
    watch: emptyWatch(),
    explanations: [],
    fresh: [],
    isWatched: false,
    waits: [],
    findings: [],
    resolved: [],
    orders: [],
    pending: [],
    entered: undefined,
    key: flowKey({ tenant, flowId }),
  }
}

/** Names a flow among all tenants'. */
export function flowKey({ tenant, flowId }: { tenant: string; flowId: string }): string {
  return JSON.stringify([tenant, flowId])
}

/** A closed execution on its way into the detectors. */
export interface Arrival {
  readonly observation: Observation
  readonly isReplacement: boolean
}

/**
 * Queues closed executions, replacing earlier forms of them; `late_replacement` when one has entered already.
 * O(n log n) in what is queued, once for all arrivals: close to O(n), since both sides are in order.
 */
export function enqueue(flow: FlowState, arrivals: readonly Arrival[], counters: Counters): void {
  const { pending } = flow
  const replaced = new Set(
    arrivals.flatMap((one) => (one.isReplacement ? [one.observation.executionId] : [])),
  )
  const found = new Set<string>()
  if (replaced.size > 0) {
    const others = pending.filter(({ executionId }) => {
      const isReplaced = replaced.has(executionId)
      if (isReplaced) found.add(executionId)
      return !isReplaced
    })
    pending.length = 0
    for (const one of others) pending.push(one)
  }
  let isInOrder = true
  for (const { observation, isReplacement } of arrivals) {
    if (isReplacement && !found.has(observation.executionId)) {
      countOne(counters, 'late_replacement')
      continue
    }
    const last = pending.at(-1)
    if (last !== undefined && compareObservations(last, observation) > 0) isInOrder = false
    pending.push(observation)
  }
  // Mostly all that arrives ended after all that waits.
  if (!isInOrder) pending.sort(compareObservations)
}

/** Clocks of hosts disagree by less; a later end than this is a broken clock. */
const MAX_AHEAD_MS = 60_000

/**
 * An execution that ends in the future has no place in the order of ends: it takes that of its arrival, so that it
 * neither waits for years nor puts all others behind it. `future_dated` counts it.
 */
export function datedByArrival(
  observation: Observation,
  { nowUnixNs, latenessMs }: { nowUnixNs: bigint; latenessMs: number },
  counters: Counters,
): Observation {
  const aheadUnixNs = observation.endUnixNs - nowUnixNs
  if (aheadUnixNs <= durationUnixNs(latenessMs + MAX_AHEAD_MS)) return observation
  countOne(counters, 'future_dated')
  const startUnixNs = observation.startUnixNs - aheadUnixNs
  return { ...observation, startUnixNs, endUnixNs: nowUnixNs }
}

/** What a queued execution weighs, by estimate. */
export function pendingBytes({ parts, savings, steps, queued }: Observation): number {
  const placeCount = parts.length + (savings?.length ?? 0)
  return 600 + 150 * placeCount + 400 * steps.length + 100 * queued.length
}
