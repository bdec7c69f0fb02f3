import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { durationWith, type Execution, type FlowOrder, flowOrder } from '@qflow-otel/analyzer'
import { openRun, type Run } from './open-run.ts'
import { pathShare } from './path-share.ts'
import { createRecording } from './recording.ts'
import { withoutDelay } from './scaled.ts'
import type { Workload } from './workload.ts'
import type { World } from './world.ts'

/** A prediction is right within this: 2 percentage points. */
const TOLERATED_ERROR_RATIO = 0.02

/** Gains are ratios of the duration with the delay. */
export interface Comparison {
  readonly workload: Workload
  /** From the executions with the delay, by re-simulating them without it. */
  readonly predictedGain: number
  /** From running the workload without it. */
  readonly measuredGain: number
  /** What the place's share of the critical path would promise. */
  readonly shareGain: number
  readonly meanMs: number
}

/** How the gains of many executions become one: as the analyzer does, or so that a few disturbed ones do not count. */
export type Summary = 'sums' | 'medians'

/** Executions after which the two runs wait for each other: what disturbs the machine disturbs both. */
const ROUND_COUNT = 10

/** Runs the workload with its delay and without it; both draw the same numbers. */
export async function compare(
  workload: Workload,
  { createWorld, by }: { readonly createWorld: () => World; readonly by: Summary },
): Promise<Comparison> {
  const { slow, fast } = await runBoth(workload, createWorld)
  const order = orderOf(workload)
  const speedUp = { place: workload.delay, ratio: 1 - workload.delay.ratio }
  const beforeNs = slow.map(({ durationNs }) => durationNs)
  const withoutNs = slow.map((execution) => durationWith(execution, speedUp, order))
  const afterNs = fast.map(({ durationNs }) => durationNs)
  const gain = by === 'sums' ? gainOfSums : medianGain
  return {
    workload,
    predictedGain: gain(beforeNs, withoutNs),
    measuredGain: gain(beforeNs, afterNs),
    shareGain: pathShare(slow, workload.delay),
    meanMs: sumOf(beforeNs) / beforeNs.length / 1e6,
  }
}

async function runBoth(
  workload: Workload,
  createWorld: () => World,
): Promise<{ readonly slow: readonly Execution[]; readonly fast: readonly Execution[] }> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const recording = createRecording()
  const world = createWorld()
  const slow = await openRun('slow', workload, { world, recording })
  const fast = await openRun('fast', withoutDelay(workload), { world: createWorld(), recording })
  try {
    const { executionCount } = workload.load
    for (let from = 0; from < executionCount; from += ROUND_COUNT) {
      const range = { from, to: Math.min(from + ROUND_COUNT, executionCount) }
      const slowRound = slow.execute(range)
      if (world.isExclusive) await slowRound
      await Promise.all([slowRound, fast.execute(range)])
    }
  } finally {
    await slow.close()
    await fast.close()
    context.disable()
  }
  const executions = recording.executions()
  return { slow: completed(slow, executions), fast: completed(fast, executions) }
}

/** One that failed or got lost would leave a gap between the two runs that are compared. */
function completed({ executionIds }: Run, executions: readonly Execution[]): Execution[] {
  const byId = new Map(executions.map((execution) => [execution.executionId, execution]))
  return executionIds.map((id) => {
    const execution = byId.get(id)
    if (execution?.status === 'completed') return execution
    throw new Error(`execution ${id} is ${execution?.status ?? 'missing'}, expected completed`)
  })
}

export function isRight({ predictedGain, measuredGain }: Comparison): boolean {
  return isNear(predictedGain, measuredGain)
}

/** Whether a prediction of the gain counts as right. */
export function isNear(predictedGain: number, measuredGain: number): boolean {
  return Math.abs(predictedGain - measuredGain) <= TOLERATED_ERROR_RATIO
}

function gainOfSums(beforeNs: readonly number[], afterNs: readonly number[]): number {
  return 1 - sumOf(afterNs) / sumOf(beforeNs)
}

/** Of pairs: the n-th execution of both runs drew the same numbers. */
function medianGain(beforeNs: readonly number[], afterNs: readonly number[]): number {
  const gains = beforeNs.map((ns, order) => 1 - (afterNs[order] ?? ns) / ns).sort((a, b) => a - b)
  const middle = gains.length / 2
  return ((gains[Math.ceil(middle) - 1] ?? 0) + (gains[Math.floor(middle)] ?? 0)) / 2
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** From the definition, as the event `qflow.flow.defined` tells it. */
function orderOf({ flows }: Workload): FlowOrder | undefined {
  const flow = flows[0]
  return (
    flow && flowOrder({ flowId: flow.id, version: flow.version, sha256: '', steps: flow.steps })
  )
}
