import type { FlowDefinition } from '../otlp/span-record.ts'
import { criticalPathOf } from '../path/critical-path.ts'
import { dependenciesOf } from '../path/dependencies.ts'
import { NONE, ROOT } from '../path/families.ts'
import { type FlowOrder, flowOrder } from '../path/flow-order.ts'
import { learnOrder, type OrderState } from '../path/learn-order.ts'
import type { PathParts } from '../path/path-parts.ts'
import type { PlaceTotal, PlaceTotals } from '../path/path-total.ts'
import { pathTotalsOf } from '../path/phases.ts'
import { queueHolders } from '../path/queue-holders.ts'
import { type ForestPlan, runAt, type SpanForest, spanForest } from '../path/span-forest.ts'
import { msFromNs, unixNsAt } from '../time/unix-ns.ts'
import type { Execution, PhaseLengths, StepRun } from '../trace/execution.ts'
import { factsOf } from './facts.ts'
import type { Observation, PlaceMs, StepFigure } from './observation.ts'
import { savingsOf } from './savings.ts'

/** What observations of executions with the same spans have in common. */
export interface ObservationPlan {
  readonly forest: ForestPlan
  /** Used again for each. */
  readonly totals: PlaceTotals
}

/**
 * An execution in compact form. O(spans); with `isSimulated`, which says what each place would save, O(candidates x spans).
 */
export function observe(
  execution: Execution,
  {
    flow,
    defined = flow && flowOrder(flow),
    order,
    isSimulated,
    plan,
  }: {
    readonly flow: FlowDefinition | undefined
    /** The definition's order, where the caller has it from an earlier execution. */
    readonly defined?: FlowOrder | undefined
    /** Learns from the execution, when given. */
    readonly order?: OrderState | undefined
    readonly isSimulated: boolean
    /** Where they are known from an earlier execution of the same spans. */
    readonly plan?: ObservationPlan | undefined
  },
): Observation {
  const forest = spanForest(execution, plan?.forest)
  if (order !== undefined) learnOrder(order, forest)
  const dependencies = dependenciesOf(forest, defined)
  const path = criticalPathOf(forest, dependencies)
  const totals = pathTotalsOf(forest, path, plan?.totals)
  const saved = isSimulated
    ? savingsOf(execution, { forest, dependencies, totals, flow })
    : undefined
  const { holders, untoldCount } = queueHolders(forest)
  const [root] = execution.spans
  return {
    executionId: execution.executionId,
    traceId: execution.traceIds[0] ?? '',
    flowVersion: execution.flowVersion,
    weight: execution.weight,
    facts: factsOf(execution, root?.role === 'execution' ? root.attributes : undefined),
    startUnixNs: execution.startUnixNs,
    endUnixNs: unixNsAt(execution.startUnixNs, execution.durationNs),
    durationMs: msFromNs(execution.activeNs),
    unjudged: unjudgedReason(execution, execution.flags),
    parts: partsOf(totals),
    savings: saved?.places,
    sample: saved?.sample,
    queued: holders.map(({ ns, ...who }) => ({ ...who, ms: msFromNs(ns) })),
    untoldQueueCount: untoldCount,
    steps: stepFigures(execution, clientNsByStep(forest, path)),
  }
}

function partsOf(totals: readonly PlaceTotal[]): readonly PlaceMs[] {
  const parts: PlaceMs[] = []
  for (const { place, ns } of totals)
    if (place.phase !== 'paused') parts.push({ place, ms: msFromNs(ns) })
  return parts
}

export function unjudgedReason(
  { durationNs, status, closeReason }: Pick<Execution, 'durationNs' | 'status' | 'closeReason'>,
  flags: readonly string[],
): Observation['unjudged'] {
  if (!(durationNs > 0) || !Number.isFinite(durationNs)) return 'invalid_duration'
  if (status !== undefined && status !== 'completed') {
    return status === 'running' || status === 'paused' ? 'incomplete' : 'failed'
  }
  const isCut = flags.includes('missing_root') || closeReason === 'evicted'
  return isCut ? 'incomplete' : undefined
}

function stepFigures(
  { steps }: Execution,
  clientsNs: ReadonlyMap<StepRun, number> | undefined,
): readonly StepFigure[] {
  const figures: StepFigure[] = []
  for (const step of steps) figures.push(stepFigure(step, clientsNs?.get(step) ?? 0))
  return figures
}

function stepFigure(step: StepRun, clientNs: number): StepFigure {
  const isExclusive = step.attribution === 'exclusive'
  return {
    stepId: step.stepId,
    type: step.type,
    action: step.action,
    isFailed: step.errorType !== undefined,
    startMs: msFromNs(step.startNs),
    durationMs: msFromNs(step.endNs - step.startNs),
    phasesMs: phasesMs(step.phasesNs),
    missingPhases: step.missingPhases,
    exclusiveCpuMs: isExclusive ? msOf(step.cpuNs) : undefined,
    sharedCpuMs: isExclusive ? undefined : msOf(step.cpuNs),
    clientMs: msFromNs(clientNs),
    heapGrowthBytes: isExclusive ? step.heapGrowthBytes : undefined,
    cacheHits: step.cacheHits,
    cacheMisses: step.cacheMisses,
  }
}

/** A literal, so that all figures have one shape. */
function phasesMs(ns: PhaseLengths): PhaseLengths {
  return {
    retry_backoff: msOf(ns.retry_backoff),
    resource_wait: msOf(ns.resource_wait),
    validation: msOf(ns.validation),
    ledger: msOf(ns.ledger),
    work: msOf(ns.work),
    queue: msOf(ns.queue),
    engine: msOf(ns.engine),
  }
}

function msOf(ns: number | undefined): number | undefined {
  return ns === undefined ? undefined : msFromNs(ns)
}

/** ns on the path in the user's client spans, by the run of the step that they are in; absent without any. */
function clientNsByStep(
  forest: SpanForest,
  path: PathParts,
): ReadonlyMap<StepRun, number> | undefined {
  let sums: Map<StepRun, number> | undefined
  for (let part = 0; part < path.count; part++) {
    const row = path.rows[part] ?? ROOT
    const span = row === ROOT ? undefined : forest.spans[row]
    if (span?.role !== 'foreign' || span.kind !== 'client') continue
    const step = forest.step[row] ?? NONE
    const run = step === NONE ? undefined : runAt(forest, step)
    if (run === undefined) continue
    sums ??= new Map()
    sums.set(run, (sums.get(run) ?? 0) + path.endNs(part) - (path.startsNs[part] ?? 0))
  }
  return sums
}
