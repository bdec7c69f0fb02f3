import { appendEntry } from '../../packages/analyzer/src/baseline/history.ts'
import { emptyFlowMemory, type FlowMemory } from '../../packages/analyzer/src/detect/flow-memory.ts'
import { judge } from '../../packages/analyzer/src/detect/regression.ts'
import { emptyWatch } from '../../packages/analyzer/src/detect/regression-watch.ts'
import { beginReplay, stepReplay } from '../../packages/analyzer/src/detect/replay/replay.ts'
import {
  countReplay,
  emptyTally,
  replayedRate,
} from '../../packages/analyzer/src/detect/replay/replay-tally.ts'
import { simulatedObservation } from '../../packages/analyzer/src/detect/simulated-flow.ts'
import { drawValues, type Family, families } from './families.ts'
import { figure } from './report.ts'
import type { Section } from './section.ts'

/** Does the rate of false alarms that the detector measures of itself hold the true one? */
export const falseAlarmRate: Section = {
  name: 'false-alarm-rate',
  run({ isQuick, seed }) {
    const plan = isQuick ? { flowCount: 10, truthRuns: 80 } : { flowCount: 20, truthRuns: 100 }
    const names = isQuick ? QUICK_NAMES : NAMES
    const rows = families
      .filter(({ name }) => names.includes(name))
      .map((family) => measure(family, { ...plan, seed }))
    const covered = rows.reduce((sum, one) => sum + one.coveredCount, 0)
    const asked = rows.length * plan.flowCount
    return {
      method: METHOD,
      tables: [
        {
          title: 'False alarms per 10,000 executions',
          head: ['family', 'true', 'measured, mean', 'interval, mean', 'intervals that hold it'],
          rows: rows.map((one) => [
            one.name,
            figure(one.truth * 1e4),
            figure(one.value * 1e4),
            `${figure(one.low * 1e4)} – ${figure(one.high * 1e4)}`,
            `${one.coveredCount} of ${plan.flowCount}`,
          ]),
        },
      ],
      claims: [
        {
          sentence: 'share of measured intervals that hold the true rate',
          measured: covered / asked,
          bound: 0.9,
          side: 'at least',
        },
      ],
    }
  },
}

/** Alarms so often that a rate can be seen in a study: one in 200 executions, and changes of 1 % matter. */
const SETTINGS = {
  tenant: 'default',
  flowId: 'order',
  falseAlarmBudgetExecutions: 200,
  minSampleSize: 30,
  alertThreshold: 0.01,
  windowSize: 20,
}
const RUN_COUNT = 1_000
const HISTORY_COUNT = 256
/** Replays of each flow: as many as fit into twenty minutes of the analyzer's clock. */
const REPLAY_COUNT = 12
const QUICK_NAMES = ['lognormal, CV 0.3', 'AR(1) 0.5']
const NAMES = [...QUICK_NAMES, 'gamma, shape 4', 'integer ms']

const METHOD = `A flow of one place at a budget of one in 200, so that alarms are frequent enough to be seen. True: runs of ${RUN_COUNT}
judged executions of fresh values, a new detector after each alarm. Measured: ${REPLAY_COUNT} replays of ${RUN_COUNT}, each
of the then last ${HISTORY_COUNT} executions of another flow of the same family, as the analyzer replays them.`

interface Measured {
  readonly name: string
  readonly truth: number
  readonly value: number
  readonly low: number
  readonly high: number
  readonly coveredCount: number
}

function measure(
  family: Family,
  plan: { readonly flowCount: number; readonly truthRuns: number; readonly seed: number },
): Measured {
  const truth = trueRate(family, plan)
  const intervals = Array.from({ length: plan.flowCount }, (_, flow) => {
    const tally = emptyTally()
    const values = drawValues(family, plan.seed * 10_000 + flow)
    for (let round = 0; round < REPLAY_COUNT; round += 1) {
      const replay = beginReplay(calmFlow(values, `${family.name} ${flow}`), round)
      while (replay !== undefined && replay.judgedCount < RUN_COUNT) stepReplay(replay, SETTINGS)
      if (replay !== undefined) countReplay(tally, replay)
    }
    return replayedRate(tally) ?? { value: Number.NaN, low: Number.NaN, high: Number.NaN, n: 0 }
  })
  const mean = (of: 'value' | 'low' | 'high') =>
    intervals.reduce((sum, one) => sum + one[of], 0) / intervals.length
  return {
    name: family.name,
    truth,
    value: mean('value'),
    low: mean('low'),
    high: mean('high'),
    coveredCount: intervals.filter(({ low, high }) => low <= truth && truth <= high).length,
  }
}

/** Fresh values all the way. */
function trueRate(
  family: Family,
  { truthRuns, seed }: { truthRuns: number; seed: number },
): number {
  let [alarmCount, judgedCount] = [0, 0]
  for (let run = 0; run < truthRuns; run += 1) {
    const values = drawValues(family, seed * 100 + run + 1)
    let [memory, watch] = [emptyFlowMemory(), emptyWatch()]
    for (let judged = 0; judged < RUN_COUNT; ) {
      const { isJudged, isAlarm } = showNext(values, memory, watch)
      if (isJudged) judged += 1
      if (!isAlarm) continue
      alarmCount += 1
      ;[memory, watch] = [emptyFlowMemory(), emptyWatch()]
    }
    judgedCount += RUN_COUNT
  }
  return alarmCount / judgedCount
}

/** The next executions of a flow. */
function calmFlow(values: ReturnType<typeof drawValues>, key: string) {
  const memory = emptyFlowMemory()
  for (let index = 0; index < HISTORY_COUNT; index += 1) append(values, memory)
  return { ...memory, key, watch: emptyWatch() }
}

function showNext(
  values: ReturnType<typeof drawValues>,
  memory: FlowMemory,
  watch: ReturnType<typeof emptyWatch>,
) {
  const isJudged = watch.detector.count >= SETTINGS.minSampleSize
  const entry = append(values, memory)
  const { levels } = judge(watch, { memory, entry, flowVersion: '1' }, SETTINGS, {})
  return { isJudged, isAlarm: levels.some(({ step }) => step === 'opened') }
}

function append(values: ReturnType<typeof drawValues>, { history }: FlowMemory) {
  const { value } = values.next().value
  const one = simulatedObservation({ seed: 1, index: history.nextSequence, parts: [value] })
  return appendEntry(history, one, {})
}
