import type { FlowDefinition } from '../otlp/span-record.ts'
import { criticalPathOf } from '../path/critical-path.ts'
import { type Dependencies, dependenciesOf } from '../path/dependencies.ts'
import { flowOrder } from '../path/flow-order.ts'
import type { PathSegment } from '../path/path-segment.ts'
import type { PathTotal } from '../path/path-total.ts'
import { pathTotalsOf } from '../path/phases.ts'
import { queueHolders } from '../path/queue-holders.ts'
import { type Removal, resimulation } from '../path/resimulate.ts'
import { serialSteps } from '../path/serial-steps.ts'
import { runAt, type SpanForest, spanForest } from '../path/span-forest.ts'
import { msFromNs, unixNsAt } from '../time/unix-ns.ts'
import type { Execution, Phase, PhaseLengths, StepRun } from '../trace/execution.ts'
import type { Observation, PlaceMs, StepFigure } from './observation.ts'
import { isSamePlace, OVERALL_PHASES, type PathPlace, serialPlace } from './place.ts'

/** What is re-simulated of one execution: bounds the work at closing. */
const MAX_CANDIDATE_COUNT = 6
/** Well below what keeps a bottleneck open: less of the path is not one and is not re-simulated. */
const MIN_CANDIDATE_SHARE = 0.08
const NO_SAVINGS: readonly PlaceMs[] = []
const NO_QUEUES: Observation['queued'] = []

/**
 * An execution in compact form. O(spans); with `isSimulated`, which says what each place would save, O(candidates x spans).
 */
export function observe(
  execution: Execution,
  { flow, isSimulated }: { flow: FlowDefinition | undefined; isSimulated: boolean },
): Observation {
  const forest = spanForest(execution)
  const dependencies = dependenciesOf(forest, flow && flowOrder(flow))
  const path = criticalPathOf(forest, dependencies)
  const totals = pathTotalsOf(forest, path)
  return {
    executionId: execution.executionId,
    traceId: execution.traceIds[0] ?? '',
    flowVersion: execution.flowVersion,
    startUnixNs: execution.startUnixNs,
    endUnixNs: unixNsAt(execution.startUnixNs, execution.durationNs),
    durationMs: msFromNs(execution.activeNs),
    unjudged: unjudgedReason(execution),
    parts: partsOf(totals),
    savings: isSimulated ? savings(execution, { forest, totals, dependencies, flow }) : NO_SAVINGS,
    queued: queuedOf(execution),
    steps: stepFigures(execution, clientNsByStep(forest, execution, path)),
  }
}

/** Most executions queue nowhere. */
function queuedOf(execution: Execution): Observation['queued'] {
  const holders = queueHolders(execution)
  if (holders.length === 0) return NO_QUEUES
  return holders.map(({ ns, ...who }) => ({ ...who, ms: msFromNs(ns) }))
}

function partsOf(totals: readonly PathTotal[]): readonly PlaceMs[] {
  const parts: PlaceMs[] = []
  for (const { stepId, phase, spanName, ns } of totals)
    if (phase !== 'paused') parts.push({ place: { stepId, phase, spanName }, ms: msFromNs(ns) })
  return parts
}

function unjudgedReason(execution: Execution): Observation['unjudged'] {
  if (!(execution.durationNs > 0) || !Number.isFinite(execution.durationNs)) {
    return 'invalid_duration'
  }
  const { status, flags, closeReason } = execution
  if (status !== undefined && status !== 'completed') {
    return status === 'running' || status === 'paused' ? 'incomplete' : 'failed'
  }
  const isCut = flags.includes('missing_root') || closeReason === 'evicted'
  return isCut ? 'incomplete' : undefined
}

function savings(
  execution: Execution,
  from: {
    readonly forest: SpanForest
    readonly totals: readonly PathTotal[]
    readonly dependencies: Dependencies | undefined
    readonly flow: FlowDefinition | undefined
  },
): PlaceMs[] {
  const { forest, totals, dependencies, flow } = from
  const { durationNs } = forest
  const candidates: Candidate[] = []
  for (const total of totals) {
    if (total.phase === 'paused') continue
    if (total.phase !== undefined) {
      const { stepId, phase } = total
      addTo(candidates, { stepId, phase, spanName: undefined }, total.ns)
    }
    if (total.spanName !== undefined) addTo(candidates, total, total.ns)
  }
  const durationWithout = resimulation(forest, dependencies)
  const phases = [...candidates, ...overall(candidates)]
    .filter(({ ns }) => ns >= MIN_CANDIDATE_SHARE * durationNs)
    .sort((a, b) => b.ns - a.ns)
    .slice(0, MAX_CANDIDATE_COUNT)
    .map(({ place }) => {
      const savedNs = durationNs - durationWithout(removalOf(place))
      return { place, ms: msFromNs(savedNs) }
    })
  return [...phases, ...serial(execution, forest, flow)]
}

/** Not a place of which something is taken away: the steps of a group that might have run at once. */
function serial(
  execution: Execution,
  forest: SpanForest,
  flow: FlowDefinition | undefined,
): PlaceMs[] {
  return serialSteps(execution, forest, flow)
    .filter(({ savedNs }) => savedNs >= MIN_CANDIDATE_SHARE * execution.durationNs)
    .map(({ containerId, savedNs }) => ({
      place: serialPlace(containerId),
      ms: msFromNs(savedNs),
    }))
}

/** One phase of all steps together, where several have it. */
function overall(candidates: readonly Candidate[]): Candidate[] {
  return OVERALL_PHASES.flatMap((phase) => {
    const parts = candidates.filter(({ place }) => place.phase === phase)
    const ns = parts.reduce((sum, part) => sum + part.ns, 0)
    const place = { stepId: undefined, phase, spanName: undefined }
    return parts.length > 1 ? [{ place, ns }] : []
  })
}

interface Candidate {
  readonly place: PathPlace
  ns: number
}

function addTo(candidates: Candidate[], { stepId, phase, spanName }: PathPlace, ns: number): void {
  const place = { stepId, phase, spanName }
  const known = candidates.find((one) => isSamePlace(one.place, place))
  if (known === undefined) candidates.push({ place, ns })
  else known.ns += ns
}

/** A named span is removed by its name, anything else is a phase. */
function removalOf({ stepId, phase, spanName }: PathPlace): Removal {
  if (spanName !== undefined) return { spanName, stepId }
  // `savings` makes no candidate of a pause or of time without a phase.
  return { stepId, phase: phase as Phase }
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
  { spans }: Execution,
  path: readonly PathSegment[],
): ReadonlyMap<StepRun, number> | undefined {
  let sums: Map<StepRun, number> | undefined
  for (const { spanIndex = -1, startNs, endNs } of path) {
    const span = spans[spanIndex]
    if (span?.role !== 'foreign' || span.kind !== 'client') continue
    const run = runAt(forest, forest.step[spanIndex] ?? -1)
    if (run === undefined) continue
    sums ??= new Map()
    sums.set(run, (sums.get(run) ?? 0) + endNs - startNs)
  }
  return sums
}
