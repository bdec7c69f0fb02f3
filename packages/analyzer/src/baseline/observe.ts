import type { FlowDefinition } from '../otlp/span-record.ts'
import type { PathSegment } from '../path/path-segment.ts'
import { type PathTotal, pathTotals } from '../path/phases.ts'
import { durationWithout, type Removal } from '../path/resimulate.ts'
import { msFromNs, unixNsAt } from '../time/unix-ns.ts'
import type { Execution, Phase, StepRun } from '../trace/execution.ts'
import type { Observation, PlaceMs, StepFigure } from './observation.ts'
import { isSamePlace, type PathPlace } from './place.ts'

/** What is re-simulated of one execution: bounds the work at closing. */
const MAX_CANDIDATE_COUNT = 8
/** Less of the path than this cannot be a bottleneck and is not re-simulated. */
const MIN_CANDIDATE_SHARE = 0.02

/** An execution in compact form. O(candidates x spans), once per execution. */
export function observe(
  execution: Execution,
  path: readonly PathSegment[],
  flow: FlowDefinition | undefined,
): Observation {
  const totals = pathTotals(execution, path)
  return {
    executionId: execution.executionId,
    traceId: execution.traceIds[0] ?? '',
    flowVersion: execution.flowVersion,
    startUnixNs: execution.startUnixNs,
    endUnixNs: unixNsAt(execution.startUnixNs, execution.durationNs),
    durationMs: msFromNs(execution.activeNs),
    unjudged: unjudgedReason(execution),
    parts: totals.filter(({ phase }) => phase !== 'paused').map(toPlaceMs),
    savings: savings(execution, totals, flow),
    steps: execution.steps.map((step) => stepFigure(execution, step, path)),
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
  execution: Execution,
  totals: readonly PathTotal[],
  flow: FlowDefinition | undefined,
): PlaceMs[] {
  const candidates: Candidate[] = []
  for (const total of totals) {
    if (total.phase === 'paused') continue
    if (total.phase !== undefined) {
      const { stepId, phase } = total
      addTo(candidates, { stepId, phase, spanName: undefined }, total.ns)
    }
    if (total.spanName !== undefined) addTo(candidates, total, total.ns)
  }
  return candidates
    .filter(({ ns }) => ns >= MIN_CANDIDATE_SHARE * execution.durationNs)
    .sort((a, b) => b.ns - a.ns)
    .slice(0, MAX_CANDIDATE_COUNT)
    .map(({ place }) => {
      const without = durationWithout(execution, removalOf(place), flow)
      return { place, ms: msFromNs(execution.durationNs - without) }
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

function stepFigure(execution: Execution, step: StepRun, path: readonly PathSegment[]): StepFigure {
  return {
    stepId: step.stepId,
    type: step.type,
    action: step.action,
    isFailed: step.errorType !== undefined,
    durationMs: msFromNs(step.endNs - step.startNs),
    phasesMs: Object.fromEntries(
      Object.entries(step.phasesNs).map(([phase, ns]) => [phase, msFromNs(ns)]),
    ),
    missingPhases: step.missingPhases,
    exclusiveCpuMs:
      step.attribution === 'exclusive' && step.cpuNs !== undefined
        ? msFromNs(step.cpuNs)
        : undefined,
    clientMs: msFromNs(clientNs(execution, step, path)),
    heapGrowthBytes: step.heapGrowthBytes,
    cacheHits: step.cacheHits,
    cacheMisses: step.cacheMisses,
  }
}

function clientNs(execution: Execution, step: StepRun, path: readonly PathSegment[]): number {
  let sum = 0
  for (const segment of path) {
    if (segment.stepId !== step.stepId || segment.spanIndex === undefined) continue
    const span = execution.spans[segment.spanIndex]
    if (span?.role !== 'foreign' || span.kind !== 'client') continue
    const start = Math.max(segment.startNs, step.startNs)
    sum += Math.max(0, Math.min(segment.endNs, step.endNs) - start)
  }
  return sum
}

function toPlaceMs({ stepId, phase, spanName, ns }: PathTotal): PlaceMs {
  return { place: { stepId, phase, spanName }, ms: msFromNs(ns) }
}
