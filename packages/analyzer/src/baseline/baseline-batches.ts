import { type Column, insertColumn } from '../stats/sketch.ts'
import { PHASES } from '../trace/step-phases.ts'
import {
  addPhases,
  type Baseline,
  HOUR_NS,
  type PhaseBaseline,
  type StepBaseline,
  type VersionBaseline,
} from './flow-baseline.ts'
import type { ExecutionHead, Observation } from './observation.ts'
import type { RecentRun } from './recent-runs.ts'
import {
  DURATION_MS,
  PHASES_MS,
  RUN_LENGTH,
  type RunName,
  type RunTable,
  START_MS,
} from './run-table.ts'
import { noteUsualRun, noUsualRuns, tellUsualRuns, type UsualRuns } from './usual-runs.ts'
import type { VariantBaseline, Variants } from './variants.ts'

/** What executions of a flow add to one after the other, whatever they say. */
export interface RunMemory {
  readonly versions: VersionBaseline[]
  readonly variants: Variants
  readonly runs: RecentRun[]
}

/** What executions have in common in which the same steps ran with the same outcome. */
export interface ExecutionKind {
  /** Index among the flow's variants. */
  readonly variant: number
  /** Of the runs. */
  readonly stepIds: readonly string[]
}

/** Executions of one hour and version in which the same steps ran, all known and none failed; they wait as rows of figures. */
export interface Batch extends ExecutionKind {
  readonly version: string | undefined
  /** In ns since 1970: the hour in which they end. */
  readonly fromUnixNs: bigint
  readonly untilUnixNs: bigint
  /** Id, type and action of each run in turn. */
  readonly names: readonly (string | undefined)[]
  /** The last list, of those that come again, that was found to say so. */
  knownSteps: readonly RunName[] | undefined
  /** By run: the phases of which something is known, a bit each as in `PHASES`. */
  readonly phases: readonly number[]
  readonly rowLength: number
  readonly learners: Learners
  /**
   * A row an execution: its duration, then of each run when it started, how long it took and each phase that is known, NaN where
   * there is none. Made for the first.
   */
  figures: Float64Array | undefined
  rowCount: number
  /** When they ran, which nobody takes before somebody looks. */
  readonly ran: UsualRuns
}

/** What takes the rows. */
interface Learners {
  readonly runs: RecentRun[]
  readonly bucket: Baseline
  readonly variant: VariantBaseline
  /** By run, each step once. */
  readonly steps: readonly StepLearner[]
}

interface StepLearner {
  readonly step: StepBaseline
  /** Where its run stands in a row. */
  readonly at: number
  /** Those that are known, in the order of `PHASES`. */
  readonly phases: readonly PhaseBaseline[]
}

/** A sketch is fetched from far memory once for so many executions. */
const MAX_ROW_COUNT = 32
/** Numbers that a flow's batch may hold: 16 KiB. A flow of more than some hundred steps has none. */
const MAX_FIGURE_COUNT = 2_048

/** An empty batch for executions like this, which has been remembered; absent where they find no room, or a step failed or ran twice. */
export function batchLike(
  { versions, variants, runs }: RunMemory,
  observation: Observation,
  { variant: variantIndex, stepIds }: ExecutionKind,
): Batch | undefined {
  const { flowVersion, endUnixNs, steps: figures } = observation
  const fromUnixNs = endUnixNs - (endUnixNs % HOUR_NS)
  const bucket = versions
    .find(({ version }) => version === flowVersion)
    ?.buckets.find(({ startUnixNs }) => startUnixNs === fromUnixNs)
  const variant = variants.all[variantIndex]
  if (bucket === undefined || variant?.key === undefined) return undefined
  const steps = figures.flatMap(
    ({ stepId }) => bucket.steps.find((step) => step.stepId === stepId) ?? [],
  )
  // A step that failed makes another variant than one that did not.
  const isFailed = figures.some((figure) => figure.isFailed)
  if (isFailed || new Set(steps).size < figures.length) return undefined
  const { learners, rowLength } = stepLearners(steps)
  if (rowCapacity(rowLength) < 2) return undefined
  return {
    version: flowVersion,
    fromUnixNs,
    untilUnixNs: fromUnixNs + HOUR_NS,
    names: steps.flatMap(({ stepId, type, action }) => [stepId, type, action]),
    knownSteps: undefined,
    phases: learners.map(({ phases }) => bitsOf(phases)),
    rowLength,
    variant: variantIndex,
    stepIds,
    learners: { runs, bucket, variant, steps: learners },
    figures: undefined,
    rowCount: 0,
    ran: noUsualRuns(stepIds),
  }
}

/** Takes the execution, if all that it would change are counts, sums and sketches that the batch knows. O(runs). */
export function addRow(batch: Batch, head: ExecutionHead, runs: RunTable): boolean {
  const { endUnixNs } = head
  if (head.flowVersion !== batch.version || head.unjudged !== undefined) return false
  if (endUnixNs < batch.fromUnixNs || endUnixNs >= batch.untilUnixNs) return false
  if (head.weight === undefined || !runs.isPlain || !areNamedSo(batch, runs)) return false
  const { rowLength } = batch
  batch.figures ??= new Float64Array(rowLength * rowCapacity(rowLength))
  const from = batch.rowCount * rowLength
  batch.figures[from] = head.durationMs
  // What was written is no row before it is counted.
  if (!writeRuns(batch.figures, from + 1, runs.figures, batch.phases)) return false
  noteUsualRun(batch.ran, head, runs, batch.learners.runs)
  batch.rowCount += 1
  if (from + 2 * rowLength > batch.figures.length) settleRows(batch)
  return true
}

/** Ids, and types and actions as far as they are told. A list that was looked at is known: executions of a layout share it. */
function areNamedSo(batch: Batch, { steps, isReused }: RunTable): boolean {
  if (steps === batch.knownSteps) return true
  const { names } = batch
  if (3 * steps.length !== names.length) return false
  for (let run = 0; run < steps.length; run++) {
    // An index below the length.
    const { stepId, type, action } = steps[run] as RunName
    if (stepId !== names[3 * run]) return false
    if (type !== undefined && type !== names[3 * run + 1]) return false
    if (action !== undefined && action !== names[3 * run + 2]) return false
  }
  if (isReused) batch.knownSteps = steps
  return true
}

/** Of each run when it started, how long it took and each of its known phases; false where another one was measured. */
function writeRuns(
  row: Float64Array,
  from: number,
  figures: readonly number[],
  phases: readonly number[],
): boolean {
  let to = from
  for (let run = 0; run < phases.length; run++) {
    const at = RUN_LENGTH * run
    // Indices below the lengths, here and below.
    const known = phases[run] as number
    row[to++] = figures[at + START_MS] as number
    row[to++] = figures[at + DURATION_MS] as number
    for (let phase = 0; phase < PHASES.length; phase++) {
      const ms = figures[at + PHASES_MS + phase] as number
      if (((known >> phase) & 1) === 1) row[to++] = ms
      else if (!Number.isNaN(ms)) return false
    }
  }
  return true
}

function bitsOf(phases: readonly PhaseBaseline[]): number {
  return phases.reduce((bits, { phase }) => bits | (1 << PHASES.indexOf(phase)), 0)
}

/** With where their runs stand in a row that begins with a duration, and how long it is. */
function stepLearners(steps: readonly StepBaseline[]): {
  readonly learners: readonly StepLearner[]
  readonly rowLength: number
} {
  let at = 1
  const learners = steps.map((step) => {
    const phases = PHASES.flatMap((phase) => step.phases.find((one) => one.phase === phase) ?? [])
    const learner = { step, at, phases }
    at += 2 + phases.length
    return learner
  })
  return { learners, rowLength: at }
}

function rowCapacity(rowLength: number): number {
  return Math.min(MAX_ROW_COUNT, Math.floor(MAX_FIGURE_COUNT / rowLength))
}

/** All take what waits for them, in order of the executions. */
export function settleBatch(batch: Batch): void {
  settleRows(batch)
  tellUsualRuns(batch.ran, batch.learners.runs)
}

/** Every sketch takes what waits for it. */
function settleRows(batch: Batch): void {
  const { learners, figures, rowLength, rowCount } = batch
  if (figures === undefined || rowCount === 0) return
  const { bucket, variant, steps } = learners
  const end = rowCount * rowLength
  const column = (from: number): Column => ({ figures, from, end, rowLength })
  bucket.executionCount += rowCount
  insertColumn(bucket.durationMs, column(0))
  variant.executionCount += rowCount
  insertColumn(variant.durationMs, column(0))
  for (const { step, at, phases } of steps) {
    step.runCount += rowCount
    insertColumn(step.durationMs, column(at + 1))
    for (const [place, phase] of phases.entries()) addPhases(phase, column(at + 2 + place))
  }
  batch.rowCount = 0
}
