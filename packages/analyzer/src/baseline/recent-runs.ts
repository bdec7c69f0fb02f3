import { type Concurrency, concurrencyOf } from '../stats/concurrency.ts'
import { earlierOf, msFromNs, nsFromMs, offsetNs } from '../time/unix-ns.ts'
import { stepIdsOf } from './history.ts'
import { listOf } from './list-of.ts'
import type { Observation, StepFigure } from './observation.ts'

/** When an execution and its steps ran, however it ended. */
export interface RecentRun {
  readonly startUnixNs: bigint
  readonly endUnixNs: bigint
  /** Runs of steps; one run and the next share the list while the same steps run. */
  readonly stepIds: readonly string[]
  /** Start and end of each, in ms after the execution's start. */
  readonly timesMs: readonly number[]
}

/** The last executions are enough to see how many run at once, and a list of them is not felt. */
export const MAX_RUN_COUNT = 64

/** Appends an execution, forgetting the oldest beyond the bound; what is kept of it. O(steps). */
export function noteRun(runs: RecentRun[], observation: Observation): RecentRun {
  const { startUnixNs, endUnixNs, steps } = observation
  const last = runs.at(-1)
  const timesMs = listOf(2 * steps.length)
  for (let run = 0; run < steps.length; run++) {
    // An index below the length.
    const { startMs, durationMs } = steps[run] as StepFigure
    timesMs[2 * run] = startMs
    timesMs[2 * run + 1] = startMs + durationMs
  }
  const stepIds = stepIdsOf(steps, last?.stepIds)
  const noted = { startUnixNs, endUnixNs, stepIds, timesMs }
  runs.push(noted)
  forgetOldest(runs)
  return noted
}

/** Those beyond the bound. */
export function forgetOldest(runs: RecentRun[]): void {
  if (runs.length > MAX_RUN_COUNT) runs.splice(0, runs.length - MAX_RUN_COUNT)
}

/** Over the time that the remembered executions span. */
export interface FlowConcurrency {
  readonly flow: Concurrency
  readonly steps: ReadonlyMap<string, Concurrency>
}

/** How many of the flow and of each step ran at once; absent without time. O(n log n). */
export function flowConcurrency(runs: readonly RecentRun[]): FlowConcurrency | undefined {
  const [first] = runs
  if (first === undefined) return undefined
  const startUnixNs = runs.reduce((at, run) => earlierOf(at, run.startUnixNs), first.startUnixNs)
  const executions: Stretch[] = []
  const bySteps = new Map<string, Stretch[]>()
  let lastEndNs = 0
  for (const run of runs) {
    const startNs = offsetNs(run.startUnixNs, startUnixNs)
    const endNs = offsetNs(run.endUnixNs, startUnixNs)
    const startMs = msFromNs(startNs)
    executions.push({ startMs, endMs: msFromNs(endNs) })
    // A step may go on when its execution has ended.
    const stepsEndNs = startNs + nsFromMs(addSteps(bySteps, run, startMs))
    lastEndNs = Math.max(lastEndNs, endNs, stepsEndNs)
  }
  const windowMs = msFromNs(lastEndNs)
  const flow = concurrencyOf(executions, windowMs)
  if (flow === undefined) return undefined
  const steps = [...bySteps].flatMap(([stepId, own]) => {
    const concurrency = concurrencyOf(own, windowMs)
    return concurrency === undefined ? [] : [[stepId, concurrency] as const]
  })
  return { flow, steps: new Map(steps) }
}

interface Stretch {
  readonly startMs: number
  readonly endMs: number
}

/** Adds an execution's runs to those of their steps; when the last of them ended, in ms after its start. */
function addSteps(
  bySteps: Map<string, Stretch[]>,
  { stepIds, timesMs }: RecentRun,
  startMs: number,
): number {
  let lastMs = 0
  for (let run = 0; run < stepIds.length; run++) {
    // An index below the length.
    const stepId = stepIds[run] as string
    const [fromMs, toMs] = [timesMs[2 * run] ?? 0, timesMs[2 * run + 1] ?? 0]
    lastMs = Math.max(lastMs, fromMs, toMs)
    const stretch = { startMs: startMs + fromMs, endMs: startMs + toMs }
    const own = bySteps.get(stepId)
    if (own === undefined) bySteps.set(stepId, [stretch])
    else own.push(stretch)
  }
  return lastMs
}
