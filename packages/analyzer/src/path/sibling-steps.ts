import { ATTR_QFLOW_STEP_ID } from '@qflow-otel/semconv'
import type { Execution, StepRun } from '../trace/execution.ts'
import { textOf } from '../trace/span-role.ts'

/** A run of a step and the row of its span. */
export interface StepRow {
  readonly row: number
  readonly run: StepRun
}

/** Runs of steps by the row of their parent, `ROOT` at the top: those of a parallel group are siblings. O(spans). */
export function siblingSteps({ spans, steps }: Execution): ReadonlyMap<number, readonly StepRow[]> {
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

/** The step that a row is in, itself included; absent outside steps. O(depth). */
export function stepAround({ spans }: Execution, row: number): number | undefined {
  let at = row
  while (spans[at] !== undefined && spans[at]?.role !== 'step') at = spans[at]?.parentRow ?? -1
  return spans[at] === undefined ? undefined : at
}

/** The id of `stepAround`. */
export function stepIdAround(execution: Execution, row: number): string | undefined {
  const attributes = execution.spans[stepAround(execution, row) ?? -1]?.attributes
  return attributes && textOf(attributes, ATTR_QFLOW_STEP_ID)
}

/** Over several traces a span id may repeat, so its times must agree too. */
function keyOf({ spanId, startNs, endNs }: Pick<StepRun, 'spanId' | 'startNs' | 'endNs'>): string {
  return `${spanId} ${startNs} ${endNs}`
}
