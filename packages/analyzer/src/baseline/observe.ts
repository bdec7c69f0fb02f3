import type { FlowDefinition } from '../otlp/span-record.ts'
import type { PathSegment } from '../path/path-segment.ts'
import { type PathTotal, pathTotals } from '../path/phases.ts'
import { durationWithout, type Removal } from '../path/resimulate.ts'
import type { Execution, StepRun } from '../trace/execution.ts'
import type { Observation, PlaceMs, StepFigure } from './observation.ts'

/** What is re-simulated of one execution: bounds the work at closing. */
const MAX_CANDIDATE_COUNT = 8
/** Less of the path than this cannot be a bottleneck and is not re-simulated. */
const MIN_CANDIDATE_SHARE = 0.02

const NS_PER_MS = 1e6

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
    endUnixNs: execution.startUnixNs + BigInt(Math.round(execution.durationNs)),
    durationMs: execution.activeNs / NS_PER_MS,
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
  const phases = new Map<string, { removal: Removal; place: PlaceMs['place']; ns: number }>()
  for (const total of totals) {
    for (const candidate of candidatesOf(total)) {
      const key = JSON.stringify(candidate.removal)
      phases.set(key, { ...candidate, ns: (phases.get(key)?.ns ?? 0) + total.ns })
    }
  }
  return [...phases.values()]
    .filter(({ ns }) => ns >= MIN_CANDIDATE_SHARE * execution.durationNs)
    .sort((a, b) => b.ns - a.ns)
    .slice(0, MAX_CANDIDATE_COUNT)
    .map(({ removal, place }) => ({
      place,
      ms: (execution.durationNs - durationWithout(execution, removal, flow)) / NS_PER_MS,
    }))
}

/** A row of the path is a part of its phase, and of the user's spans of its name in the step. */
function candidatesOf({ stepId, phase, spanName }: PathTotal): {
  removal: Removal
  place: PlaceMs['place']
}[] {
  if (phase === 'paused') return []
  const ofPhase =
    phase === undefined
      ? []
      : [{ removal: { stepId, phase }, place: { stepId, phase, spanName: undefined } }]
  if (spanName === undefined) return ofPhase
  return [...ofPhase, { removal: { spanName, stepId }, place: { stepId, phase, spanName } }]
}

function stepFigure(execution: Execution, step: StepRun, path: readonly PathSegment[]): StepFigure {
  return {
    stepId: step.stepId,
    type: step.type,
    action: step.action,
    isFailed: step.errorType !== undefined,
    durationMs: (step.endNs - step.startNs) / NS_PER_MS,
    phasesMs: Object.fromEntries(
      Object.entries(step.phasesNs).map(([phase, ns]) => [phase, ns / NS_PER_MS]),
    ),
    missingPhases: step.missingPhases,
    exclusiveCpuMs:
      step.attribution === 'exclusive' && step.cpuNs !== undefined
        ? step.cpuNs / NS_PER_MS
        : undefined,
    clientMs: clientNs(execution, step, path) / NS_PER_MS,
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
  return { place: { stepId, phase, spanName }, ms: ns / NS_PER_MS }
}
