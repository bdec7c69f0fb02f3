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
import { listOf } from './history.ts'
import type { Observation, StepFigure } from './observation.ts'
import { forgetOldest, type RecentRun } from './recent-runs.ts'
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
  /** By run, a bit each: the phases of which something is known. */
  readonly phases: readonly number[]
  readonly rowLength: number
  readonly learners: Learners
  /**
   * A row an execution: its duration, then of each run when it started, how long it took and every phase, NaN where there is
   * none. Made for the first.
   */
  figures: Float64Array | undefined
  /** When each started and ended, in turn. */
  readonly timesUnixNs: bigint[]
  rowCount: number
}

/** What takes the rows. */
interface Learners {
  readonly runs: RecentRun[]
  readonly bucket: Baseline
  readonly variant: VariantBaseline
  /** By run, each step once. */
  readonly steps: readonly StepBaseline[]
  /** By run and phase as in `PHASES`. */
  readonly phases: readonly (PhaseBaseline | undefined)[]
}

/** A sketch is fetched from far memory once for so many executions. */
const MAX_ROW_COUNT = 32
/** Numbers that a flow's batch may hold: 16 KiB. A flow of more than some hundred steps has none. */
const MAX_FIGURE_COUNT = 2_048
/** Start and length of a run, and its phases. */
const RUN_LENGTH = 2 + PHASES.length

/** An empty batch for executions like this, which has been remembered; absent where they find no room, or a step failed or ran twice. */
export function batchLike(
  { versions, variants, runs }: RunMemory,
  observation: Observation,
  { variant: variantIndex, stepIds }: ExecutionKind,
): Batch | undefined {
  const { flowVersion, endUnixNs, steps: figures } = observation
  const rowLength = 1 + figures.length * RUN_LENGTH
  const fromUnixNs = endUnixNs - (endUnixNs % HOUR_NS)
  const bucket = versions
    .find(({ version }) => version === flowVersion)
    ?.buckets.find(({ startUnixNs }) => startUnixNs === fromUnixNs)
  const variant = variants.all[variantIndex]
  const isKnown = bucket !== undefined && variant?.key !== undefined
  if (rowCapacity(rowLength) < 2 || !isKnown) return undefined
  const steps = figures.flatMap(
    ({ stepId }) => bucket.steps.find((step) => step.stepId === stepId) ?? [],
  )
  // A step that failed makes another variant than one that did not.
  const isFailed = figures.some((figure) => figure.isFailed)
  if (isFailed || new Set(steps).size < figures.length) return undefined
  const phases = steps.flatMap((step) =>
    PHASES.map((phase) => step.phases.find((one) => one.phase === phase)),
  )
  return {
    version: flowVersion,
    fromUnixNs,
    untilUnixNs: fromUnixNs + HOUR_NS,
    names: steps.flatMap(({ stepId, type, action }) => [stepId, type, action]),
    phases: steps.map((_, run) => bitsOf(phases, run * PHASES.length)),
    rowLength,
    variant: variantIndex,
    stepIds,
    learners: { runs, bucket, variant, steps, phases },
    figures: undefined,
    timesUnixNs: new Array<bigint>(2 * MAX_ROW_COUNT).fill(0n),
    rowCount: 0,
  }
}

/** Takes the execution, if all that it would change are counts, sums and sketches that the batch knows. O(runs). */
export function addRow(batch: Batch, observation: Observation): boolean {
  const { startUnixNs, endUnixNs, steps, queued } = observation
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
    if ((writePhases(figures, at, step.phasesMs) & ~(phases[run] as number)) !== 0) return false
    at += PHASES.length
  }
  batch.timesUnixNs[2 * batch.rowCount] = startUnixNs
  batch.timesUnixNs[2 * batch.rowCount + 1] = endUnixNs
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

/** Writes the phases in the order of `PHASES`; which of them were measured, a bit each. */
function writePhases(figures: Float64Array, at: number, phasesMs: PhaseLengths): number {
  // One by one: to look members up by name takes longer than all the rest.
  return (
    writePhase(figures, at, phasesMs.retry_backoff) |
    (writePhase(figures, at + 1, phasesMs.resource_wait) << 1) |
    (writePhase(figures, at + 2, phasesMs.validation) << 2) |
    (writePhase(figures, at + 3, phasesMs.ledger) << 3) |
    (writePhase(figures, at + 4, phasesMs.work) << 4) |
    (writePhase(figures, at + 5, phasesMs.queue) << 5) |
    (writePhase(figures, at + 6, phasesMs.engine) << 6)
  )
}

function writePhase(figures: Float64Array, at: number, ms: number | undefined): number {
  figures[at] = ms ?? Number.NaN
  return ms === undefined ? 0 : 1
}

function bitsOf(phases: readonly (PhaseBaseline | undefined)[], from: number): number {
  let bits = 0
  for (let phase = 0; phase < PHASES.length; phase++)
    if (phases[from + phase] !== undefined) bits |= 1 << phase
  return bits
}

function rowCapacity(rowLength: number): number {
  return Math.min(MAX_ROW_COUNT, Math.floor(MAX_FIGURE_COUNT / rowLength))
}

/** Every sketch takes what waits for it, in order of the executions. */
export function settleRows(batch: Batch): void {
  const { learners, figures, rowLength, rowCount } = batch
  if (figures === undefined || rowCount === 0) return
  const { bucket, variant, steps, phases } = learners
  const end = rowCount * rowLength
  const column = (from: number): Column => ({ figures, from, end, rowLength })
  bucket.executionCount += rowCount
  insertColumn(bucket.durationMs, column(0))
  variant.executionCount += rowCount
  insertColumn(variant.durationMs, column(0))
  for (let run = 0; run < steps.length; run++) {
    // An index below the length.
    const step = steps[run] as StepBaseline
    const from = 1 + run * RUN_LENGTH
    step.runCount += rowCount
    insertColumn(step.durationMs, column(from + 1))
    for (let phase = 0; phase < PHASES.length; phase++) {
      const baseline = phases[run * PHASES.length + phase]
      if (baseline !== undefined) addPhases(baseline, column(from + 2 + phase))
    }
  }
  noteRows(batch, figures)
  batch.rowCount = 0
}

/** As `noteRun` of each. */
function noteRows(batch: Batch, figures: Float64Array): void {
  const { learners, stepIds, timesUnixNs, rowLength, rowCount } = batch
  const { runs } = learners
  for (let row = 0; row < rowCount; row++) {
    const timesMs = listOf(2 * stepIds.length)
    for (let run = 0; run < stepIds.length; run++) {
      const at = row * rowLength + 1 + run * RUN_LENGTH
      // Positions below the length.
      timesMs[2 * run] = figures[at] as number
      timesMs[2 * run + 1] = (figures[at] as number) + (figures[at + 1] as number)
    }
    // Two a row.
    const startUnixNs = timesUnixNs[2 * row] as bigint
    const endUnixNs = timesUnixNs[2 * row + 1] as bigint
    runs.push({ startUnixNs, endUnixNs, stepIds, timesMs })
  }
  forgetOldest(runs)
}
