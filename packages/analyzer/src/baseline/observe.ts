import type { FlowDefinition } from '../otlp/span-record.ts'
import { criticalPathOf } from '../path/critical-path.ts'
import { type Dependencies, dependenciesOf } from '../path/dependencies.ts'
import { flowOrder } from '../path/flow-order.ts'
import type { PathSegment } from '../path/path-segment.ts'
import type { PathTotal } from '../path/path-total.ts'
import { pathTotalsOf } from '../path/phases.ts'
import { type Removal, resimulation } from '../path/resimulate.ts'
import { type SpanForest, spanForest } from '../path/span-forest.ts'
import { msFromNs, unixNsAt } from '../time/unix-ns.ts'
import type { Execution, Phase, StepRun } from '../trace/execution.ts'
import { PHASES } from '../trace/step-run.ts'
import type { Observation, PlaceMs, StepFigure } from './observation.ts'
import { isSamePlace, OVERALL_PHASES, type PathPlace } from './place.ts'

/** What is re-simulated of one execution: bounds the work at closing. */
const MAX_CANDIDATE_COUNT = 6
/** Well below what keeps a bottleneck open: less of the path is not one and is not re-simulated. */
const MIN_CANDIDATE_SHARE = 0.08

/** An execution in compact form. O(candidates x spans), once per execution. */
export function observe(execution: Execution, flow: FlowDefinition | undefined): Observation {
  const forest = spanForest(execution)
  const dependencies = dependenciesOf(forest, flow && flowOrder(flow))
  const path = criticalPathOf(forest, dependencies)
  const totals = pathTotalsOf(forest, path)
  const clientsNs = clientNsByStep(execution, path)
  return {
    executionId: execution.executionId,
    traceId: execution.traceIds[0] ?? '',
    flowVersion: execution.flowVersion,
    startUnixNs: execution.startUnixNs,
    endUnixNs: unixNsAt(execution.startUnixNs, execution.durationNs),
    durationMs: msFromNs(execution.activeNs),
    unjudged: unjudgedReason(execution),
    parts: totals.filter(({ phase }) => phase !== 'paused').map(toPlaceMs),
    savings: savings(forest, totals, dependencies),
    steps: execution.steps.map((step) => stepFigure(step, clientsNs)),
  }
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
  forest: SpanForest,
  totals: readonly PathTotal[],
  dependencies: Dependencies | undefined,
): PlaceMs[] {
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
  return [...candidates, ...overall(candidates)]
    .filter(({ ns }) => ns >= MIN_CANDIDATE_SHARE * durationNs)
    .sort((a, b) => b.ns - a.ns)
    .slice(0, MAX_CANDIDATE_COUNT)
    .map(({ place }) => {
      const savedNs = durationNs - durationWithout(removalOf(place))
      return { place, ms: msFromNs(savedNs) }
    })
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

function stepFigure(step: StepRun, clientsNs: ReadonlyMap<StepRun, number>): StepFigure {
  const phasesMs: Partial<Record<Phase, number>> = {}
  for (const phase of PHASES) {
    const ns = step.phasesNs[phase]
    if (ns !== undefined) phasesMs[phase] = msFromNs(ns)
  }
  const isExclusive = step.attribution === 'exclusive'
  return {
    stepId: step.stepId,
    type: step.type,
    action: step.action,
    isFailed: step.errorType !== undefined,
    durationMs: msFromNs(step.endNs - step.startNs),
    phasesMs,
    missingPhases: step.missingPhases,
    exclusiveCpuMs: isExclusive && step.cpuNs !== undefined ? msFromNs(step.cpuNs) : undefined,
    clientMs: msFromNs(clientsNs.get(step) ?? 0),
    heapGrowthBytes: step.heapGrowthBytes,
    cacheHits: step.cacheHits,
    cacheMisses: step.cacheMisses,
  }
}

/** ns on the path in the user's client spans, by the run of a step in which they lie. */
function clientNsByStep(
  { spans, steps }: Execution,
  path: readonly PathSegment[],
): ReadonlyMap<StepRun, number> {
  const sums = new Map<StepRun, number>()
  for (const { spanIndex, stepId, startNs, endNs } of path) {
    const span = spans[spanIndex ?? -1]
    if (span?.role !== 'foreign' || span.kind !== 'client') continue
    for (const step of steps) {
      if (step.stepId !== stepId) continue
      const ns = Math.min(endNs, step.endNs) - Math.max(startNs, step.startNs)
      if (ns > 0) sums.set(step, (sums.get(step) ?? 0) + ns)
    }
  }
  return sums
}

function toPlaceMs({ stepId, phase, spanName, ns }: PathTotal): PlaceMs {
  return { place: { stepId, phase, spanName }, ms: msFromNs(ns) }
}
