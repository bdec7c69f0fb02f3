import { insert } from '../stats/sketch.ts'
import type { Phase } from '../trace/execution.ts'
import { PHASES } from '../trace/step-phases.ts'
import type { Counters } from './counters.ts'
import {
  addPhase,
  type Baseline,
  HOUR_NS,
  type PhaseBaseline,
  remember,
  type StepBaseline,
  type VersionBaseline,
} from './flow-baseline.ts'
import type { Observation, StepFigure } from './observation.ts'

/** Executions of one hour and version in which the same steps ran, all known and none failed; they wait as rows of figures. */
interface Batch {
  readonly version: string | undefined
  readonly bucket: Baseline
  /** By run, each step once. */
  readonly steps: readonly StepBaseline[]
  /** By run and phase as in `PHASES`: those of which something is known. */
  readonly phases: readonly (PhaseBaseline | undefined)[]
  /** A row an execution: its duration, then of each run the duration and every phase, NaN where there is none. Made for the first. */
  figures: Float64Array | undefined
  readonly rowLength: number
  rowCount: number
}

/** A sketch is fetched from far memory once for so many executions. */
const MAX_ROW_COUNT = 8
/** Numbers that a flow's batch may hold: 4 KiB. A flow of more than some thirty steps has none. */
const MAX_FIGURE_COUNT = 512
const RUN_LENGTH = 1 + PHASES.length

/**
 * What executions add to their flows' baselines, several at once: a row of figures is written in one piece, while the sketches
 * of its steps and phases lie all over the memory, and with many flows none of them is near any more when its turn comes.
 *
 * Whatever is not like the last ones is remembered at once, after those that wait, so that the baselines become exactly what
 * `remember` makes of one execution after the other. Whoever reads them settles the flow first.
 */
export class BaselineBatches {
  readonly #batches = new WeakMap<readonly VersionBaseline[], Batch>()

  /** As `remember`. */
  add(versions: VersionBaseline[], observation: Observation, counters: Counters): void {
    const batch = this.#batches.get(versions)
    if (batch !== undefined) {
      if (isLike(batch, observation)) {
        addRow(batch, observation)
        return
      }
      this.settle(versions)
    }
    remember(versions, observation, counters)
    const fresh = batchLike(versions, observation)
    if (fresh !== undefined) this.#batches.set(versions, fresh)
  }

  /** Nothing waits after it. */
  settle(versions: readonly VersionBaseline[]): void {
    const batch = this.#batches.get(versions)
    if (batch === undefined) return
    settleRows(batch)
    this.#batches.delete(versions)
  }
}

/** Whether all that it would change are counts, sums and sketches that the batch knows. */
function isLike(batch: Batch, observation: Observation): boolean {
  const { endUnixNs, steps } = observation
  const { startUnixNs } = batch.bucket
  if (observation.flowVersion !== batch.version || observation.unjudged !== undefined) return false
  if (endUnixNs < startUnixNs || endUnixNs >= startUnixNs + HOUR_NS) return false
  if (steps.length !== batch.steps.length) return false
  // Indices below the length, which both lists share.
  for (let run = 0; run < steps.length; run++)
    if (!isUsual(batch, steps[run] as StepFigure, run)) return false
  return true
}

function isUsual({ steps, phases }: Batch, figure: StepFigure, run: number): boolean {
  const step = steps[run] as StepBaseline
  if (figure.stepId !== step.stepId || figure.isFailed || figure.missingPhases.length > 0)
    return false
  if (figure.type !== undefined && figure.type !== step.type) return false
  if (figure.action !== undefined && figure.action !== step.action) return false
  for (let phase = 0; phase < PHASES.length; phase++) {
    const isMeasured = figure.phasesMs[PHASES[phase] as Phase] !== undefined
    if (isMeasured && phases[run * PHASES.length + phase] === undefined) return false
  }
  return true
}

function addRow(batch: Batch, { durationMs, steps }: Observation): void {
  const { rowLength } = batch
  batch.figures ??= new Float64Array(rowLength * rowCapacity(rowLength))
  const { figures } = batch
  let at = batch.rowCount * rowLength
  figures[at++] = durationMs
  for (let run = 0; run < steps.length; run++) {
    // Indices below the lengths.
    const { durationMs, phasesMs } = steps[run] as StepFigure
    figures[at++] = durationMs
    for (let phase = 0; phase < PHASES.length; phase++)
      figures[at++] = phasesMs[PHASES[phase] as Phase] ?? Number.NaN
  }
  batch.rowCount += 1
  if (at + rowLength > figures.length) settleRows(batch)
}

function rowCapacity(rowLength: number): number {
  return Math.min(MAX_ROW_COUNT, Math.floor(MAX_FIGURE_COUNT / rowLength))
}

/** An empty one for executions like this, which has been remembered; absent where they find no room or a step ran twice. */
function batchLike(
  versions: readonly VersionBaseline[],
  observation: Observation,
): Batch | undefined {
  const { flowVersion, endUnixNs, steps: figures } = observation
  const rowLength = 1 + figures.length * RUN_LENGTH
  if (rowCapacity(rowLength) < 2) return undefined
  const bucket = versions
    .find(({ version }) => version === flowVersion)
    ?.buckets.find(({ startUnixNs }) => startUnixNs === endUnixNs - (endUnixNs % HOUR_NS))
  if (bucket === undefined) return undefined
  const steps = figures.flatMap(
    ({ stepId }) => bucket.steps.find((step) => step.stepId === stepId) ?? [],
  )
  if (new Set(steps).size < figures.length) return undefined
  const phases = steps.flatMap((step) =>
    PHASES.map((phase) => step.phases.find((one) => one.phase === phase)),
  )
  const empty = { version: flowVersion, bucket, steps, phases, rowLength }
  const batch: Batch = { ...empty, figures: undefined, rowCount: 0 }
  return isLike(batch, observation) ? batch : undefined
}

const NO_FIGURES = new Float64Array(0)

/** Every sketch takes what waits for it, in order of the executions. */
function settleRows(batch: Batch): void {
  const { bucket, steps, phases, figures = NO_FIGURES, rowLength, rowCount } = batch
  const end = rowCount * rowLength
  bucket.executionCount += rowCount
  // Positions and indices below the lengths.
  for (let at = 0; at < end; at += rowLength) insert(bucket.durationMs, figures[at] as number)
  for (let run = 0; run < steps.length; run++) {
    const step = steps[run] as StepBaseline
    const column = 1 + run * RUN_LENGTH
    step.runCount += rowCount
    for (let at = column; at < end; at += rowLength) insert(step.durationMs, figures[at] as number)
    for (let phase = 0; phase < PHASES.length; phase++) {
      const baseline = phases[run * PHASES.length + phase]
      if (baseline === undefined) continue
      for (let at = column + 1 + phase; at < end; at += rowLength)
        addPhase(baseline, figures[at] as number)
    }
  }
  batch.rowCount = 0
}
