import { ATTR_QFLOW_STEP_ID } from '@qflow-otel/semconv'
import { KNOWN, knownAttribute } from '../otlp/known-attributes.ts'
import { compareRuns } from '../trace/build-execution.ts'
import type { Execution, ExecutionSpan, StepRun } from '../trace/execution.ts'
import { spanLabel } from '../trace/span-label.ts'
import { type RowColumn, rowColumn } from './columns.ts'
import { cutOverlaps } from './cut-overlaps.ts'
import { type Families, type FamilyTree, familiesOf, familyTree, NONE, ROOT } from './families.ts'
import { withoutEarlyStarts } from './whole-ms-starts.ts'

/** The rows of an execution as a forest. All arrays are by row. */
export interface SpanForest extends Families {
  readonly steps: readonly StepRun[]
  /** Row of the nearest step span, the span itself included; `NONE` outside steps. */
  readonly step: Readonly<RowColumn>
  /** Id of the step a row is in. */
  readonly stepIds: readonly (string | undefined)[]
  /** Of steps with attempts, by row of the step. */
  readonly attempts: ReadonlyMap<number, AttemptBounds> | undefined
  /** What `labelAt` found so far. */
  readonly labels: (string | undefined)[]
}

/** When the first attempt of a step had ended and the last one started. */
interface AttemptBounds {
  readonly firstEndNs: number
  readonly lastStartNs: number
}

/** What forests have in common whose rows have the same parents, roles and labels. Arrays are by row. */
export interface ForestPlan extends FamilyTree, Pick<SpanForest, 'step' | 'stepIds' | 'labels'> {
  readonly attemptRows: readonly number[]
}

/** O(n). */
export function forestPlan(spans: readonly ExecutionSpan[]): ForestPlan {
  const step = rowColumn(spans.length)
  const stepIds = new Array<string | undefined>(spans.length)
  const attemptRows: number[] = []
  for (let row = 0; row < spans.length; row++) {
    // A row below the length.
    const span = spans[row] as ExecutionSpan
    if (span.role === 'attempt') attemptRows.push(row)
    if (span.role === 'step') {
      step[row] = row
      stepIds[row] = stepIdOf(span)
    } else {
      const parent = span.parentRow
      step[row] = parent === ROOT ? NONE : (step[parent] ?? NONE)
      stepIds[row] = parent === ROOT ? undefined : stepIds[parent]
    }
  }
  return { ...familyTree(spans), step, stepIds, attemptRows, labels: new Array(spans.length) }
}

/**
 * Starts and ends are those that count (`whole-ms-starts.ts`, `cut-overlaps.ts`). `plan`: that of the spans, where it is
 * known. O(n), and O(n log n) where siblings overlap.
 */
export function spanForest(
  execution: Pick<Execution, 'spans' | 'steps' | 'durationNs' | 'startUnixNs'>,
  plan: ForestPlan = forestPlan(execution.spans),
): SpanForest {
  const { steps, durationNs, startUnixNs } = execution
  const { step, stepIds, labels } = plan
  const families = cutOverlaps(
    withoutEarlyStarts(familiesOf(execution.spans, durationNs, plan), startUnixNs),
  )
  const { spans, parents, startsNs, endsNs, childFrom, byStart, byEnd } = families
  return {
    spans,
    steps,
    durationNs,
    parents,
    startsNs,
    endsNs,
    childFrom,
    byStart,
    byEnd,
    step,
    stepIds,
    attempts: attemptsOf(spans, plan),
    labels,
  }
}

function attemptsOf(
  spans: readonly ExecutionSpan[],
  { attemptRows }: ForestPlan,
): SpanForest['attempts'] {
  if (attemptRows.length === 0) return undefined
  const attempts = new Map<number, AttemptBounds>()
  for (const row of attemptRows) {
    // A row of these.
    const span = spans[row] as ExecutionSpan
    attempts.set(span.parentRow, withAttempt(attempts.get(span.parentRow), span))
  }
  return attempts
}

/** Of a row that is in a step, the step's id. */
export function stepIdAt(forest: SpanForest, row: number): string | undefined {
  return forest.stepIds[row]
}

/** `spanLabel` of a row. */
export function labelAt({ spans, labels }: SpanForest, row: number): string | undefined {
  const span = spans[row]
  labels[row] ??= span && spanLabel(span)
  return labels[row]
}

/**
 * The run of a step by the row of its span. A run names its span; over several traces a span id may repeat, so its
 * times must agree too. Runs are in order of (start, end, span id): all members of a parallel group start at once.
 * O(log n).
 */
export function runAt({ spans, steps }: SpanForest, row: number): StepRun | undefined {
  const span = spans[row]
  if (span?.role !== 'step') return undefined
  let low = 0
  let high = steps.length
  while (low < high) {
    const middle = (low + high) >> 1
    // Below the length.
    if (compareRuns(steps[middle] as StepRun, span) < 0) low = middle + 1
    else high = middle
  }
  const run = steps[low]
  return run !== undefined && compareRuns(run, span) === 0 ? run : undefined
}

function stepIdOf({ attributes }: ExecutionSpan): string | undefined {
  const id = knownAttribute(attributes, KNOWN[ATTR_QFLOW_STEP_ID])
  return typeof id === 'string' && id !== '' ? id : undefined
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
