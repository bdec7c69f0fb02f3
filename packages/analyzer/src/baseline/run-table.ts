import { listOf } from './list-of.ts'
import type { Observation, StepFigure } from './observation.ts'

/**
 * The runs of one execution as rows of numbers, in the order of `StepFigure`s: what is read of each execution is read by index, and
 * a table may be written over by the next one. What was not measured is NaN.
 */
export interface RunTable {
  /** What runs are called. */
  readonly steps: readonly RunName[]
  /** It is written over by the next execution of its layout, of which this list of names is as well. */
  readonly isReused: boolean
  /** `RUN_LENGTH` numbers a run. Fractions all of them, as the engine keeps them best. */
  readonly figures: number[]
  /** No run failed or lacks a phase, and of none is known who ran while it queued. */
  isPlain: boolean
}

export type RunName = Pick<StepFigure, 'stepId' | 'type' | 'action'>

/** Where the numbers of a run stand in its row. */
export const START_MS = 0
export const DURATION_MS = 1
/** The first of the phases, which stand in the order of `PHASES`. */
export const PHASES_MS = 2
export const WORK_MS = 6
export const QUEUE_MS = 7
export const CLIENT_MS = 9
export const EXCLUSIVE_CPU_MS = 10
export const SHARED_CPU_MS = 11
export const HEAP_GROWTH_BYTES = 12
export const CACHE_HITS = 13
export const CACHE_MISSES = 14
/** 1 where it failed, else 0. */
export const FAILED = 15
export const RUN_LENGTH = 16

/** A table of its own for an execution that was observed. O(runs). */
export function runTable({
  steps,
  queued,
  untoldQueueCount,
}: Pick<Observation, 'steps' | 'queued' | 'untoldQueueCount'>): RunTable {
  const figures = listOf(RUN_LENGTH * steps.length)
  let isPlain = queued.length + untoldQueueCount === 0
  for (let run = 0; run < steps.length; run++) {
    // An index below the length.
    const step = steps[run] as StepFigure
    if (step.isFailed || step.missingPhases.length > 0) isPlain = false
    writeRun(figures, RUN_LENGTH * run, step)
  }
  return { steps, isReused: false, figures, isPlain }
}

/** One by one: to look phases up by name takes longer than all the rest. */
function writeRun(figures: number[], at: number, step: StepFigure): void {
  const { phasesMs } = step
  figures[at + START_MS] = step.startMs
  figures[at + DURATION_MS] = step.durationMs
  figures[at + PHASES_MS] = phasesMs.retry_backoff ?? Number.NaN
  figures[at + PHASES_MS + 1] = phasesMs.resource_wait ?? Number.NaN
  figures[at + PHASES_MS + 2] = phasesMs.validation ?? Number.NaN
  figures[at + PHASES_MS + 3] = phasesMs.ledger ?? Number.NaN
  figures[at + PHASES_MS + 4] = phasesMs.work ?? Number.NaN
  figures[at + PHASES_MS + 5] = phasesMs.queue ?? Number.NaN
  figures[at + PHASES_MS + 6] = phasesMs.engine ?? Number.NaN
  figures[at + CLIENT_MS] = step.clientMs
  figures[at + EXCLUSIVE_CPU_MS] = step.exclusiveCpuMs ?? Number.NaN
  figures[at + SHARED_CPU_MS] = step.sharedCpuMs ?? Number.NaN
  figures[at + HEAP_GROWTH_BYTES] = step.heapGrowthBytes ?? Number.NaN
  figures[at + CACHE_HITS] = step.cacheHits ?? Number.NaN
  figures[at + CACHE_MISSES] = step.cacheMisses ?? Number.NaN
  figures[at + FAILED] = step.isFailed ? 1 : 0
}

/** The runs of a table as figures; `missing`: of each the phases that were not measured. */
export function figuresOf(
  { steps, figures }: RunTable,
  missing: readonly StepFigure['missingPhases'][],
): readonly StepFigure[] {
  return steps.map((name, run) => {
    const own = figures.slice(RUN_LENGTH * run, RUN_LENGTH * (run + 1))
    const told = (at: number) => (Number.isNaN(own[at]) ? undefined : own[at])
    return {
      stepId: name.stepId,
      type: name.type,
      action: name.action,
      isFailed: own[FAILED] === 1,
      startMs: own[START_MS] ?? 0,
      durationMs: own[DURATION_MS] ?? 0,
      phasesMs: {
        retry_backoff: told(PHASES_MS),
        resource_wait: told(PHASES_MS + 1),
        validation: told(PHASES_MS + 2),
        ledger: told(PHASES_MS + 3),
        work: told(PHASES_MS + 4),
        queue: told(PHASES_MS + 5),
        engine: told(PHASES_MS + 6),
      },
      missingPhases: missing[run] ?? [],
      exclusiveCpuMs: told(EXCLUSIVE_CPU_MS),
      sharedCpuMs: told(SHARED_CPU_MS),
      clientMs: own[CLIENT_MS] ?? 0,
      heapGrowthBytes: told(HEAP_GROWTH_BYTES),
      cacheHits: told(CACHE_HITS),
      cacheMisses: told(CACHE_MISSES),
    }
  })
}
