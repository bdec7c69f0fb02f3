import type { Observation } from '../../packages/analyzer/src/baseline/observation.ts'
import { UsualExecutions } from '../../packages/analyzer/src/baseline/usual-executions.ts'
import { PresentSavings } from '../../packages/analyzer/src/detect/bottleneck/present-savings.ts'
import type { Regression } from '../../packages/analyzer/src/detect/finding.ts'
import type { Metric } from '../../packages/analyzer/src/detect/series/series-place.ts'
import {
  simulatedFigure,
  simulatedObservation,
} from '../../packages/analyzer/src/detect/simulated-flow.ts'
import { resolveDetection } from '../../packages/analyzer/src/detection-settings.ts'
import { enter } from '../../packages/analyzer/src/enter-flow.ts'
import { emptyFlow } from '../../packages/analyzer/src/flow-state.ts'
import { KeptExecutions } from '../../packages/analyzer/src/kept-executions.ts'
import { Observer } from '../../packages/analyzer/src/observer.ts'
import { enqueue } from '../../packages/analyzer/src/pending-executions.ts'
import { median } from '../../packages/analyzer/src/stats/median-change.ts'
import {
  normal,
  type RandomStream,
  randomStream,
} from '../../packages/analyzer/src/stats/random-stream.ts'
import { durationUnixNs } from '../../packages/analyzer/src/time/unix-ns.ts'
import { figure } from './report.ts'
import type { Section, SectionResult, StudyOptions } from './section.ts'

/** A fault in one metric: what an execution of the flow is like from its onset on. */
interface Fault {
  readonly metric: Metric
  readonly words: string
  readonly durationFactor?: number
  readonly cpuFactor?: number
  readonly heapFactor?: number
  readonly queueFactor?: number
  readonly failureRatio?: number
  readonly gapFactor?: number
}

const FAULTS: readonly Fault[] = [
  { metric: 'duration', words: 'a step takes three times as long', durationFactor: 3 },
  { metric: 'cpu', words: 'a step needs three times the CPU', cpuFactor: 3 },
  { metric: 'memory', words: 'a step grows the heap five times as much', heapFactor: 5 },
  { metric: 'queue_wait', words: 'a step waits eight times as long for its turn', queueFactor: 8 },
  { metric: 'error_rate', words: 'a step fails in 20 % instead of 2 %', failureRatio: 0.2 },
  { metric: 'throughput', words: 'a fifth of the executions come', gapFactor: 5 },
]
const STEPS = 6
const FAULTY_STEP = 3
const HEALTHY_COUNT = 4_000
const [ONSET, AFTER_COUNT] = [300, 250]
const BUDGET = 10_000

/** One budget over all metrics of a flow, and a fault in each of them. */
export const metrics: Section = {
  name: 'metrics',
  run: ({ isQuick, seed }: StudyOptions): SectionResult => {
    const flowCount = isQuick ? 15 : 100
    const falseCount = seedsFrom(seed, flowCount)
      .map((own) => openings(own, HEALTHY_COUNT, undefined).length)
      .reduce((sum, count) => sum + count, 0)
    const rate = (falseCount / (flowCount * HEALTHY_COUNT)) * BUDGET
    const runs = FAULTS.map((fault) => ({
      fault,
      told: seedsFrom(seed + 1, isQuick ? 6 : 40).map((own) =>
        openings(own, ONSET + AFTER_COUNT, fault),
      ),
    }))
    const told = runs.flatMap(({ fault, told: all }) => all.map((one) => ({ fault, one })))
    const isRight = ({ fault, one }: (typeof told)[number]) =>
      one.length === 1 && one.every(({ regression }) => isOf(fault, regression))
    return {
      method: `A flow of ${STEPS} steps with times (CV 0.3), exclusive CPU and heap growth (CV 0.5 and 1), two queues, 2 % failures and random arrivals: some 25 series under one budget of 1 in ${BUDGET}. ${flowCount} flows of ${HEALTHY_COUNT} healthy executions; then a fault in one metric at execution ${ONSET}.`,
      tables: [
        {
          title: 'Faults, told within 250 executions:',
          head: ['fault', 'metric', 'told once as it', 'median executions to the finding'],
          rows: runs.map(({ fault, told: all }) => {
            const right = all.filter((one) => isRight({ fault, one }))
            const delays = right.map(([one]) => (one?.index ?? 0) - ONSET + 1)
            return [
              fault.words,
              fault.metric,
              `${right.length} of ${all.length}`,
              figure(median(delays)),
            ]
          }),
        },
      ],
      claims: [
        {
          sentence: 'false alarms over all metrics in 10,000 executions of a flow',
          measured: rate,
          bound: 1,
          side: 'at most',
        },
        {
          sentence:
            'share of faults told exactly once, as a change of the metric they are in (a slow step as itself or as the flow)',
          measured: told.filter(isRight).length / told.length,
          bound: 0.9,
          side: 'at least',
        },
      ],
    }
  },
}

/** A step's time is also that of the flow: whichever shows it first. */
function isOf({ metric }: Fault, { metric: found, place }: Regression): boolean {
  if (metric === 'duration' && found === 'phase') return place.stepId === `step-${FAULTY_STEP}`
  return found === metric
}

function seedsFrom(seed: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => 1_000 * seed + index)
}

/** Changes that are told, and at which execution. */
function openings(
  seed: number,
  count: number,
  fault: Fault | undefined,
): { readonly regression: Regression; readonly index: number }[] {
  const flow = emptyFlow('default', 'order')
  const settings = {
    ...resolveDetection({ falseAlarmBudgetExecutions: BUDGET }),
    tenant: 'default',
    flowId: 'order',
    entryCapacity: 256,
    keptCount: 50,
    marks: [],
  }
  const shell = {
    observer: new Observer(),
    kept: new KeptExecutions({ perFlowCount: 0, maxBytes: 0 }),
    shown: new WeakMap(),
    usual: new UsualExecutions(),
    savings: new PresentSavings(),
    counters: {},
  }
  const random = randomStream(seed)
  const told: { regression: Regression; index: number }[] = []
  let atMs = 0
  for (let index = 0; index < count; index += 1) {
    const now = index >= ONSET ? fault : undefined
    atMs += exponential(random) * 1_000 * (now?.gapFactor ?? 1)
    const endUnixNs = durationUnixNs(atMs)
    const one = observationOf(random, { seed, index, endUnixNs }, now)
    enqueue(flow.pending, [one], {})
    for (const { change, finding } of enter(
      flow,
      { untilUnixNs: endUnixNs, isWatermark: true },
      settings,
      shell,
    ))
      if (change === 'opened' && finding.kind === 'regression')
        told.push({ regression: finding, index })
  }
  return told
}

function observationOf(
  random: RandomStream,
  at: { readonly seed: number; readonly index: number; readonly endUnixNs: bigint },
  fault: Fault | undefined,
): Observation {
  const factor = (own: number | undefined, step: number) => (step === FAULTY_STEP ? (own ?? 1) : 1)
  const parts = Array.from(
    { length: STEPS },
    (_, step) => 20 * Math.exp(0.3 * normal(random)) * factor(fault?.durationFactor, step),
  )
  const isFailed = random() < (fault?.failureRatio ?? 0.02)
  const steps = parts.map((ms, step) =>
    simulatedFigure({
      stepId: `step-${step}`,
      isFailed: isFailed && step === FAULTY_STEP,
      exclusiveCpuMs: 8 * Math.exp(0.5 * normal(random)) * factor(fault?.cpuFactor, step),
      heapGrowthBytes: Math.round(1e6 * exponential(random) * factor(fault?.heapFactor, step)),
      phasesMs: {
        work: ms,
        queue:
          step < FAULTY_STEP
            ? undefined
            : 4 * exponential(random) * factor(fault?.queueFactor, step),
      },
    }),
  )
  const { seed, index, endUnixNs } = at
  return {
    ...simulatedObservation({ seed, index, parts }),
    startUnixNs: endUnixNs - durationUnixNs(100),
    endUnixNs,
    unjudged: isFailed ? 'failed' : undefined,
    steps,
  }
}

function exponential(random: RandomStream): number {
  return -Math.log(1 - random())
}
