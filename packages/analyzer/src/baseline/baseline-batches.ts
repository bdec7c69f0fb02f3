import { type Column, insertColumn } from '../stats/sketch.ts'
import type { PhaseLengths } from '../trace/execution.ts'
import { PHASES } from '../trace/step-phases.ts'
import {
  addPhases,
  type Baseline,
  HOUR_NS,
  type PhaseBaseline,
  type StepBaseline,
  type VersionBaseline,
} from './flow-baseline.ts'
import type { Observation, StepFigure } from './observation.ts'
import type { RecentRun } from './recent-runs.ts'
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
export function addRow(batch: Batch, observation: Observation): boolean {
  const { endUnixNs, steps, queued } = observation
  if (observation.flowVersion !== batch.version || observation.unjudged !== undefined) return false
  if (endUnixNs < batch.fromUnixNs || endUnixNs >= batch.untilUnixNs) return false
  if (observation.weight === undefined || queued.length + observation.untoldQueueCount > 0)
    return false
  const { names, phases, rowLength } = batch
  if (3 * steps.length !== names.length) return false
  batch.figures ??= new Float64Array(rowLength * rowCapacity(rowLength))
  const { figures } = batch
  let at = batch.rowCount * rowLength
  figures[at++] = observation.durationMs
  // What was written is no row before it is counted.
  for (let run = 0; run < steps.length; run++) {
    // Indices below the lengths, here and below.
    const step = steps[run] as StepFigure
    if (!isUsual(step, names, 3 * run)) return false
    figures[at++] = step.startMs
    figures[at++] = step.durationMs
    const known = phases[run] as number
    if ((measuredPhases(step.phasesMs) & ~known) !== 0) return false
    at = writePhases(figures, step.phasesMs, { known, at })
  }
  noteUsualRun(batch.ran, observation, batch.learners.runs)
  batch.rowCount += 1
  if (at + rowLength > figures.length) settleRows(batch)
  return true
}

function isUsual(step: StepFigure, names: readonly (string | undefined)[], at: number): boolean {
  const { stepId, type, action } = step
  if (step.isFailed || step.missingPhases.length > 0 || stepId !== names[at]) return false
  if (type !== undefined && type !== names[at + 1]) return false
  return action === undefined || action === names[at + 2]
}

/** A bit each, in the order of `PHASES`. One by one: to look members up by name takes longer than all the rest. */
function measuredPhases(phasesMs: PhaseLengths): number {
  return (
    (phasesMs.retry_backoff === undefined ? 0 : 1) |
    (phasesMs.resource_wait === undefined ? 0 : 2) |
    (phasesMs.validation === undefined ? 0 : 4) |
    (phasesMs.ledger === undefined ? 0 : 8) |
    (phasesMs.work === undefined ? 0 : 16) |
    (phasesMs.queue === undefined ? 0 : 32) |
    (phasesMs.engine === undefined ? 0 : 64)
  )
}

/** Writes those that are known; where the next number stands. */
function writePhases(
  figures: Float64Array,
  phasesMs: PhaseLengths,
  { known, at }: { readonly known: number; readonly at: number },
): number {
  let to = at
  if (known & 1) figures[to++] = phasesMs.retry_backoff ?? Number.NaN
  if (known & 2) figures[to++] = phasesMs.resource_wait ?? Number.NaN
  if (known & 4) figures[to++] = phasesMs.validation ?? Number.NaN
  if (known & 8) figures[to++] = phasesMs.ledger ?? Number.NaN
  if (known & 16) figures[to++] = phasesMs.work ?? Number.NaN
  if (known & 32) figures[to++] = phasesMs.queue ?? Number.NaN
  if (known & 64) figures[to++] = phasesMs.engine ?? Number.NaN
  return to
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
