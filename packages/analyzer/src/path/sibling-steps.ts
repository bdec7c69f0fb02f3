import type { Execution, StepRun } from '../trace/execution.ts'

/** A run of a step and the row of its span. */
export interface StepRow {
  readonly row: number
  readonly run: StepRun
}

/** Runs of steps by the row of their parent, `ROOT` at the top: those of a parallel group are siblings. O(spans). */
export function siblingSteps({
  spans,
  steps,
}: Pick<Execution, 'spans' | 'steps'>): ReadonlyMap<number, readonly StepRow[]> {
  const runs = new Map(steps.map((run) => [keyOf(run), run]))
  const siblings = new Map<number, StepRow[]>()
  for (const [row, span] of spans.entries()) {
    const run = span.role === 'step' ? runs.get(keyOf(span)) : undefined
    if (run === undefined) continue
    const own = siblings.get(span.parentRow)
    if (own === undefined) siblings.set(span.parentRow, [{ row, run }])
    else own.push({ row, run })
  }
  return siblings
}

/** Over several traces a span id may repeat, so its times must agree too. */
function keyOf({ spanId, startNs, endNs }: Pick<StepRun, 'spanId' | 'startNs' | 'endNs'>): string {
  return `${spanId} ${startNs} ${endNs}`
}
