import type { Execution, PathSegment, PathTotal } from '@qflow-otel/analyzer'

type Step = Execution['spans'][number]

/** As far as these checks look: the analyzer's own form, or the form that its API answers in. */
export interface ExactInput {
  readonly executionId: string
  readonly durationNs: number
  readonly spans: readonly Pick<Step, 'spanId' | 'role' | 'name' | 'startNs' | 'endNs'>[]
  /** The attributes of a span of `spans`, as they were sent. */
  readonly attributesOf: (row: number) => Iterable<readonly [string, unknown]>
}

const PHASE = /^qflow\.step\.phase\.(\w+)$/

/** Steps whose phases, each rounded to ns, are not exactly the span, as sentences. */
export function inexactPhases({ executionId, spans, attributesOf }: ExactInput): string[] {
  return spans.flatMap(({ role, name, startNs, endNs }, row) => {
    if (role !== 'step') return []
    const phasesNs = [...attributesOf(row)].flatMap(([key, value]) =>
      PHASE.test(key) ? [Math.round(Number(value) * 1e9)] : [],
    )
    const sumNs = phasesNs.reduce((sum, ns) => sum + ns, 0)
    if (phasesNs.length > 0 && sumNs === endNs - startNs) return []
    return [`${executionId} ${name}: phases ${sumNs} ns, span ${endNs - startNs} ns`]
  })
}

/** Where the path has a gap, an overlap, or another end than the execution, as sentences. */
export function brokenTiling(
  { executionId, durationNs }: Pick<ExactInput, 'executionId' | 'durationNs'>,
  path: readonly Pick<PathSegment, 'startNs' | 'endNs'>[],
): string[] {
  const broken: string[] = []
  let reachedNs = 0
  for (const { startNs, endNs } of path) {
    if (startNs !== reachedNs || endNs <= startNs)
      broken.push(`${executionId}: [${startNs}, ${endNs}) after ${reachedNs} ns`)
    reachedNs = endNs
  }
  if (reachedNs !== durationNs)
    broken.push(`${executionId}: the path ends at ${reachedNs} of ${durationNs} ns`)
  return broken
}

export function sumNs(totals: readonly Pick<PathTotal, 'ns'>[]): number {
  return totals.reduce((sum, { ns }) => sum + ns, 0)
}
