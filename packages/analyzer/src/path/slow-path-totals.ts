import type { Execution, ExecutionSpan, Phase, StepRun } from '../trace/execution.ts'
import { spanLabel } from '../trace/span-label.ts'
import { splitExactly } from '../trace/split-exactly.ts'
import { PHASES } from '../trace/step-phases.ts'
import type { PathSegment } from './path-segment.ts'
import type { PathTotal } from './path-total.ts'

/**
 * The oracle of `pathTotals`: place by place, each looking at the whole path. In no particular order.
 * O(places x segments x depth).
 */
export function slowPathTotals(
  execution: Execution,
  path: readonly PathSegment[],
): readonly PathTotal[] {
  const outside = path
    .filter((segment) => stepRowAt(execution, segment.spanIndex) === undefined)
    .map((segment) => outsideSteps(execution, segment))
  const inside = execution.spans.flatMap((span, row) =>
    span.role === 'step' ? ofStep(execution, path, row) : [],
  )
  return merged([...outside, ...inside])
}

function outsideSteps({ spans }: Execution, segment: PathSegment): PathTotal {
  const span = spans[segment.spanIndex ?? -1]
  const isOwn = span === undefined || span.role === 'execution'
  const spanName = isOwn ? undefined : spanLabel(span)
  return {
    stepId: undefined,
    phase: segment.phase,
    spanName,
    ns: lengthOf(segment),
    isEstimated: false,
  }
}

function ofStep(execution: Execution, path: readonly PathSegment[], row: number): PathTotal[] {
  const { spans } = execution
  const around = path.filter((segment) => isInside(spans, segment.spanIndex, row))
  const direct = around.filter((segment) => stepRowAt(execution, segment.spanIndex) === row)
  const [foreign, own] = [direct.filter(isForeign), direct.filter((one) => !isForeign(one))]
  const known = own.filter(({ phase }) => phase !== undefined)
  const place = { stepId: stepIdOf(spans[row]), spanName: undefined, isEstimated: false }
  function isForeign({ spanIndex }: PathSegment): boolean {
    const role = spans[spanIndex ?? -1]?.role
    return role === 'foreign' || role === 'execution'
  }
  const named = foreign.map((segment) => ({
    ...place,
    phase: 'work' as const,
    spanName: spanLabel(spans[segment.spanIndex ?? -1] as ExecutionSpan),
    ns: lengthOf(segment),
  }))
  const run = runOf(execution, row)
  const elsewhereNs = sumOf(around) - sumOf(own)
  const left = PHASES.map((phase) => ({ phase, ns: leftNs(run, phase, elsewhereNs) }))
  const isWhole = run !== undefined && sumOf(around) === run.endNs - run.startNs
  if (isWhole && left.reduce((sum, { ns }) => sum + ns, 0) === sumOf(own))
    return [...named, ...left.map((one) => ({ ...place, ...one }))]
  const told = known.map((one) => ({ ...place, phase: one.phase, ns: lengthOf(one) }))
  const open = left
    .map(({ phase, ns }) => ({
      phase,
      ns: ns - sumOf(known.filter((one) => one.phase === phase)),
    }))
    .filter(({ ns }) => ns > 0)
  const restNs = sumOf(own) - sumOf(known)
  if (open.length === 0) return [...named, ...told, { ...place, phase: undefined, ns: restNs }]
  const parts = splitExactly(
    restNs,
    open.map(({ ns }) => ns),
  )
  const shared = open.map(({ phase }, index) => ({
    ...place,
    phase,
    ns: parts[index] ?? 0,
    isEstimated: true,
  }))
  return [...named, ...told, ...shared]
}

function leftNs(run: StepRun | undefined, phase: Phase, elsewhereNs: number): number {
  const ns = run?.phasesNs[phase] ?? 0
  return phase === 'work' ? Math.max(0, ns - elsewhereNs) : ns
}

/** Sums of equal places; an estimated part makes the whole estimated. */
function merged(totals: readonly PathTotal[]): PathTotal[] {
  const byPlace = new Map<string, PathTotal>()
  for (const total of totals.filter(({ ns }) => ns > 0)) {
    const key = JSON.stringify([total.stepId, total.phase, total.spanName])
    const known = byPlace.get(key)
    const isEstimated = total.isEstimated || known?.isEstimated === true
    byPlace.set(key, { ...total, ns: total.ns + (known?.ns ?? 0), isEstimated })
  }
  return [...byPlace.values()]
}

function isInside(
  spans: readonly ExecutionSpan[],
  row: number | undefined,
  outer: number,
): boolean {
  for (let at = row ?? -1; at >= 0; at = spans[at]?.parentRow ?? -1) if (at === outer) return true
  return false
}

function stepRowAt({ spans }: Execution, row: number | undefined): number | undefined {
  for (let at = row ?? -1; at >= 0; at = spans[at]?.parentRow ?? -1)
    if (spans[at]?.role === 'step') return at
  return undefined
}

function runOf({ spans, steps }: Execution, row: number): StepRun | undefined {
  const span = spans[row]
  return steps.find(
    (run) =>
      run.spanId === span?.spanId && run.startNs === span.startNs && run.endNs === span.endNs,
  )
}

function stepIdOf(span: ExecutionSpan | undefined): string | undefined {
  return span && String(span.attributes.get('qflow.step.id'))
}

function sumOf(segments: readonly PathSegment[]): number {
  return segments.reduce((sum, one) => sum + lengthOf(one), 0)
}

function lengthOf({ startNs, endNs }: PathSegment): number {
  return endNs - startNs
}
