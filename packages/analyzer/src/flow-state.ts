import { type Circumstances, noCircumstances } from './baseline/circumstances.ts'
import { type Deployments, noDeployments } from './baseline/deployments.ts'
import { type Failures, noFailures } from './baseline/failures.ts'
import type { VersionBaseline } from './baseline/flow-baseline.ts'
import type { GroupQueue } from './baseline/group-queues.ts'
import { emptyHistory, type History } from './baseline/history.ts'
import type { LearntOrders } from './baseline/learnt-orders.ts'
import type { Observation } from './baseline/observation.ts'
import type { SampledExecution } from './baseline/path-samples.ts'
import type { RecentRun } from './baseline/recent-runs.ts'
import { noTraffic, type Traffic } from './baseline/traffic.ts'
import { noVariants, type Variants } from './baseline/variants.ts'
import { type AnomalyWatch, emptyAnomalyWatch } from './detect/anomaly/anomaly-watch.ts'
import type { Wait } from './detect/bottleneck/bottleneck.ts'
import type { FreshEvidence } from './detect/change/fresh-evidence.ts'
import type { Finding } from './detect/finding.ts'
import { emptyWatch, type RegressionWatch } from './detect/regression-watch.ts'
import { emptyTrendSeries, type TrendSeries } from './detect/trend/trend-series.ts'
import type { Explanation } from './explain/explanations.ts'
import type { FlowDefinition } from './otlp/span-record.ts'
import type { Pending } from './pending-executions.ts'

/** Everything known of one flow besides its executions in full. Plain data. */
export interface FlowState {
  readonly tenant: string
  readonly flowId: string
  definition: FlowDefinition | undefined
  /** The last versions of it, the newest last. */
  readonly definitions: FlowDefinition[]
  /** These and what else `UsualExecutions` names: without the executions that wait there. */
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
  readonly anomalies: AnomalyWatch
  /** Logarithms of the durations of the present level over time. */
  drift: TrendSeries
  /** Why the watch's open changes are. */
  explanations: readonly Explanation[]
  /** What the executions since then say of changes that were confirmed lately. */
  fresh: FreshEvidence[]
  /** Whether its changes were ever judged. */
  isWatched: boolean
  /** Open bottlenecks, the oldest first. */
  waits: readonly Wait[]
  /** Open findings, the oldest first. */
  findings: Finding[]
  /** The last that were resolved, the oldest first: who looks now and then must see an end as well. */
  resolved: Finding[]
  readonly orders: LearntOrders
  /** Closed executions that still wait for earlier ones, in the order in which they will enter. */
  readonly pending: Pending[]
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
    anomalies: emptyAnomalyWatch(),
    drift: emptyTrendSeries(),
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
