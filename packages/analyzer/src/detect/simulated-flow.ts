import type { Counters } from '../baseline/counters.ts'
import { appendEntry } from '../baseline/history.ts'
import { durationObservation, type Observation, type StepFigure } from '../baseline/observation.ts'
import { normal, type RandomStream, randomStream } from '../stats/random-stream.ts'
import { durationUnixNs } from '../time/unix-ns.ts'
import { emptyFlowMemory } from './flow-memory.ts'
import { judge } from './regression.ts'
import { type ChangeStep, emptyWatch, type RegressionSettings } from './regression-watch.ts'

/** Draws the ms of one phase in one execution. */
export type Draw = (random: RandomStream) => number

/** What durations look like; each call makes a fresh source, since some remember their last value. */
export const families: Readonly<Record<string, () => Draw>> = {
  'lognormal, CV 0.1': () => lognormal(0.1),
  'lognormal, CV 0.3': () => lognormal(0.3),
  'lognormal, CV 1': () => lognormal(1),
  'integer ms': () => (random) => Math.round(5 * Math.exp(0.3 * normal(random))),
  constant: () => () => 42,
  bimodal: () => (random) => (random() < 0.6 ? 50 : 200) * Math.exp(0.05 * normal(random)),
  'heavy tail': () => (random) => 50 / (1 - random()) ** (1 / 1.5),
}

/** The defaults, for a flow of its own. */
export const simulationSettings: RegressionSettings = {
  tenant: 'default',
  flowId: 'order',
  falseAlarmBudgetExecutions: 10_000,
  minSampleSize: 30,
  alertThreshold: 0.1,
  windowSize: 20,
}

/** A step in a change's life, and after how many executions (0-based) it was told. */
export type ToldStep = ChangeStep & { readonly index: number }

/** Executions of a flow with these phases, one after the other, through the watch. */
export function simulate(plan: {
  readonly seed: number
  readonly count: number
  readonly phases: readonly Draw[]
  /** What happens to a phase's ms in an execution. */
  readonly alter?: (ms: number, at: { index: number; phase: number }) => number
  readonly settings?: Partial<RegressionSettings>
}): { readonly told: readonly ToldStep[]; readonly counters: Counters } {
  const random = randomStream(plan.seed)
  const memory = emptyFlowMemory()
  const watch = emptyWatch()
  const counters: Counters = {}
  const told: ToldStep[] = []
  const settings = { ...simulationSettings, ...plan.settings }
  for (let index = 0; index < plan.count; index += 1) {
    const parts = plan.phases.map((draw, phase) => {
      const ms = draw(random)
      return plan.alter?.(ms, { index, phase }) ?? ms
    })
    const one = simulatedObservation({ seed: plan.seed, index, parts })
    const entry = appendEntry(memory.history, one, counters)
    const shown = { memory, entry, flowVersion: '1' }
    const { levels } = judge(watch, shown, settings, counters)
    told.push(...levels.map((step) => ({ ...step, index })))
  }
  return { told, counters }
}

/** One a second; phase k is the work of step k. */
export function simulatedObservation({
  seed,
  index,
  parts,
}: {
  seed: number
  index: number
  parts: readonly number[]
}): Observation {
  const durationMs = parts.reduce((sum, ms) => sum + ms, 0)
  const rows = parts.map((ms, k) => ({
    place: { stepId: `step-${k}`, phase: 'work' as const, spanName: undefined },
    ms,
  }))
  const startUnixNs = BigInt(index) * 1_000_000_000n
  const executionId = `execution-${seed}-${index}`
  const endUnixNs = startUnixNs + durationUnixNs(durationMs)
  return {
    ...durationObservation({ executionId, startUnixNs, endUnixNs, durationMs }),
    traceId: `trace-${seed}-${index}`,
    flowVersion: '1',
    parts: rows,
    savings: rows,
  }
}

/** A run of 10 ms of which nothing was measured but what is said. */
export function simulatedFigure(own: Partial<StepFigure> = {}): StepFigure {
  return {
    stepId: 'charge',
    type: 'task',
    action: 'call',
    isFailed: false,
    startMs: 0,
    durationMs: 10,
    phasesMs: {},
    missingPhases: [],
    exclusiveCpuMs: undefined,
    sharedCpuMs: undefined,
    clientMs: 0,
    heapGrowthBytes: undefined,
    cacheHits: undefined,
    cacheMisses: undefined,
    ...own,
  }
}

function lognormal(coefficientOfVariation: number): Draw {
  const sigma = Math.sqrt(Math.log1p(coefficientOfVariation ** 2))
  return (random) => 100 * Math.exp(sigma * normal(random))
}
