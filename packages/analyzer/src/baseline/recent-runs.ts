import { type Concurrency, concurrencyOf } from '../stats/concurrency.ts'
import { durationUnixNs, earlierOf, laterOf, msFromNs, offsetNs } from '../time/unix-ns.ts'
import { stepIdsOf } from './history.ts'
import type { Observation } from './observation.ts'

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
const MAX_RUN_COUNT = 64

/** Appends an execution, forgetting the oldest beyond the bound. O(steps). */
export function noteRun(runs: RecentRun[], observation: Observation): void {
  const { startUnixNs, endUnixNs, steps } = observation
  const timesMs = new Array<number>(2 * steps.length).fill(0)
  let at = 0
  for (const { startMs, durationMs } of steps) {
    timesMs[at++] = startMs
    timesMs[at++] = startMs + durationMs
  }
  const stepIds = stepIdsOf(steps, runs.at(-1)?.stepIds)
  runs.push({ startUnixNs, endUnixNs, stepIds, timesMs })
  if (runs.length > MAX_RUN_COUNT) runs.shift()
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
  const endUnixNs = runs.reduce((at, run) => laterOf(at, endOf(run)), first.endUnixNs)
  const windowMs = msFromNs(offsetNs(endUnixNs, startUnixNs))
  const executions: { startMs: number; endMs: number }[] = []
  const bySteps = new Map<string, { startMs: number; endMs: number }[]>()
  for (const run of runs) {
    const startMs = msFromNs(offsetNs(run.startUnixNs, startUnixNs))
    executions.push({ startMs, endMs: msFromNs(offsetNs(run.endUnixNs, startUnixNs)) })
    for (const [index, stepId] of run.stepIds.entries()) {
      const own = bySteps.get(stepId) ?? []
      bySteps.set(stepId, own)
      const [from = 0, to = 0] = run.timesMs.slice(2 * index, 2 * index + 2)
      own.push({ startMs: startMs + from, endMs: startMs + to })
    }
  }
  const flow = concurrencyOf(executions, windowMs)
  if (flow === undefined) return undefined
  const steps = [...bySteps].flatMap(([stepId, own]) => {
    const concurrency = concurrencyOf(own, windowMs)
    return concurrency === undefined ? [] : [[stepId, concurrency] as const]
  })
  return { flow, steps: new Map(steps) }
}

/** A step may go on when its execution has ended. */
function endOf({ startUnixNs, endUnixNs, timesMs }: RecentRun): bigint {
  const lastMs = timesMs.reduce((last, ms) => Math.max(last, ms), 0)
  return laterOf(endUnixNs, startUnixNs + durationUnixNs(lastMs))
}
