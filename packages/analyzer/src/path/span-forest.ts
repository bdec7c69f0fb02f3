import { ATTR_QFLOW_STEP_ID } from '@qflow-otel/semconv'
import type { Execution, ExecutionSpan, StepRun } from '../trace/execution.ts'
import { textOf } from '../trace/span-role.ts'

/** Row of the virtual root above all top-level spans. */
export const ROOT = -1

/** The rows of an execution as a forest. All arrays are by row. */
export interface SpanForest {
  readonly spans: readonly ExecutionSpan[]
  readonly durationNs: number
  /** Row of the parent, `ROOT` for a top-level span. */
  readonly parent: Int32Array
  /** Row of the nearest step span, the span itself included; -1 outside steps. */
  readonly step: Int32Array
  /** Rows of the children that can be waited for; `ROOT` gives the top level. */
  children(row: number): readonly number[]
  /** When the first attempt of a step had ended and the last one started; only with several attempts. */
  attempts(row: number): AttemptBounds | undefined
  /** The run of a step by the row of its span. */
  run(row: number): StepRun | undefined
}

export interface AttemptBounds {
  readonly firstEndNs: number
  readonly lastStartNs: number
}

const NO_CHILDREN: readonly number[] = []

/**
 * Reads parenthood from order and depth: the parent of a row is the nearest row above it with one level less.
 * `hold` spans say how long a resource was held, not what was waited for, and are left out as children. O(n).
 */
export function spanForest({ spans, steps, durationNs }: Execution): SpanForest {
  const parent = new Int32Array(spans.length).fill(ROOT)
  const step = new Int32Array(spans.length).fill(-1)
  const childrenOf = new Map<number, number[]>()
  const attemptsOf = new Map<number, AttemptBounds>()
  const lastAtDepth: number[] = []
  for (const [row, span] of spans.entries()) {
    const above = span.depth === 0 ? ROOT : (lastAtDepth[span.depth - 1] ?? ROOT)
    parent[row] = above
    lastAtDepth[span.depth] = row
    step[row] = span.role === 'step' ? row : (step[above] ?? -1)
    if (isHold(span)) continue
    if (span.role === 'attempt') attemptsOf.set(above, withAttempt(attemptsOf.get(above), span))
    const siblings = childrenOf.get(above)
    if (siblings === undefined) childrenOf.set(above, [row])
    else siblings.push(row)
  }
  const runs = runsByRow(spans, steps)
  return {
    spans,
    durationNs,
    parent,
    step,
    children: (row) => childrenOf.get(row) ?? NO_CHILDREN,
    attempts: (row) => attemptsOf.get(row),
    run: (row) => runs.get(row),
  }
}

function withAttempt(
  bounds: AttemptBounds | undefined,
  { startNs, endNs }: ExecutionSpan,
): AttemptBounds {
  if (bounds === undefined) return { firstEndNs: endNs, lastStartNs: startNs }
  return {
    firstEndNs: Math.min(bounds.firstEndNs, endNs),
    lastStartNs: Math.max(bounds.lastStartNs, startNs),
  }
}

/** Of a row that is in a step, the step's id. */
export function stepIdAt(forest: SpanForest, row: number): string | undefined {
  const span = forest.spans[forest.step[row] ?? -1]
  return span === undefined ? undefined : textOf(span.attributes, ATTR_QFLOW_STEP_ID)
}

/** A step run names its span; over several traces a span id may repeat, so its times must agree too. */
function runsByRow(
  spans: readonly ExecutionSpan[],
  steps: readonly StepRun[],
): ReadonlyMap<number, StepRun> {
  const key = (at: { spanId: string; startNs: number; endNs: number }): string =>
    `${at.spanId} ${at.startNs} ${at.endNs}`
  const bySpan = new Map(steps.map((run) => [key(run), run]))
  const runs = new Map<number, StepRun>()
  for (const [row, span] of spans.entries()) {
    const run = span.role === 'step' ? bySpan.get(key(span)) : undefined
    if (run !== undefined) runs.set(row, run)
  }
  return runs
}

function isHold(span: ExecutionSpan): boolean {
  return span.depth > 0 && span.role === 'detail' && span.name.startsWith('hold')
}
