import { ATTR_QFLOW_STEP_ID } from '@qflow-otel/semconv'
import type { Execution, ExecutionSpan, StepRun } from '../trace/execution.ts'
import { spanLabel } from '../trace/span-label.ts'
import { textOf } from '../trace/span-role.ts'
import { withoutEarlyStarts } from './whole-ms-starts.ts'

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
  /** Id of the step a row is in, by row. */
  readonly stepIds: readonly (string | undefined)[]
  /** Rows of the children that can be waited for; `ROOT` gives the top level. */
  children(row: number): readonly number[]
  /** When the first attempt of a step had ended and the last one started; only with several attempts. */
  attempts(row: number): AttemptBounds | undefined
  /** `spanLabel` of a row. */
  label(row: number): string | undefined
  /** The run of a step by the row of its span. */
  run(row: number): StepRun | undefined
}

interface AttemptBounds {
  readonly firstEndNs: number
  readonly lastStartNs: number
}

const NO_CHILDREN: readonly number[] = []

/**
 * Reads parenthood from order and depth: the parent of a row is the nearest row above it with one level less.
 * `hold` spans say how long a resource was held, not what was waited for, and are left out as children.
 * Starts are those that count (`whole-ms-starts.ts`). O(n), O(n log n) with such.
 */
export function spanForest(execution: Execution): SpanForest {
  const { steps, durationNs } = execution
  const spans = withoutEarlyStarts(execution)
  const parent = new Int32Array(spans.length).fill(ROOT)
  const step = new Int32Array(spans.length).fill(-1)
  const stepIds: (string | undefined)[] = []
  const tops: number[] = []
  const childrenOf: (number[] | undefined)[] = []
  const attemptsOf = new Map<number, AttemptBounds>()
  const lastAtDepth: number[] = []
  const labels: (string | undefined)[] = []
  for (let row = 0; row < spans.length; row++) {
    // A row below the length; the arrays are as long as the rows.
    const span = spans[row] as ExecutionSpan
    const above = span.depth === 0 ? ROOT : (lastAtDepth[span.depth - 1] ?? ROOT)
    parent[row] = above
    lastAtDepth[span.depth] = row
    const isStep = span.role === 'step'
    step[row] = isStep ? row : (step[above] ?? -1)
    stepIds.push(isStep ? textOf(span.attributes, ATTR_QFLOW_STEP_ID) : stepIds[above])
    childrenOf.push(undefined)
    if (isHold(span)) continue
    if (span.role === 'attempt') attemptsOf.set(above, withAttempt(attemptsOf.get(above), span))
    const siblings = above === ROOT ? tops : childrenOf[above]
    if (siblings === undefined) childrenOf[above] = [row]
    else siblings.push(row)
  }
  return {
    spans,
    durationNs,
    parent,
    step,
    stepIds,
    children: (row) => (row === ROOT ? tops : (childrenOf[row] ?? NO_CHILDREN)),
    attempts: (row) => attemptsOf.get(row),
    label(row) {
      const span = spans[row]
      labels[row] ??= span && spanLabel(span)
      return labels[row]
    },
    run: (row) => runOf(steps, spans[row]),
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
  return forest.stepIds[row]
}

/**
 * A step run names its span; over several traces a span id may repeat, so its times must agree too. Runs are in
 * order of start. O(log n).
 */
function runOf(steps: readonly StepRun[], span: ExecutionSpan | undefined): StepRun | undefined {
  if (span?.role !== 'step') return undefined
  let low = 0
  let high = steps.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((steps[middle]?.startNs ?? 0) <= span.startNs) low = middle + 1
    else high = middle
  }
  for (let index = low - 1; steps[index]?.startNs === span.startNs; index--) {
    const run = steps[index]
    if (run?.spanId === span.spanId && run.endNs === span.endNs) return run
  }
  return undefined
}

function isHold(span: ExecutionSpan): boolean {
  return span.depth > 0 && span.role === 'detail' && span.name.startsWith('hold')
}
