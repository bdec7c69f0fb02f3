import type { Observation } from '../../packages/analyzer/src/baseline/observation.ts'
import type { Cause } from '../../packages/analyzer/src/detect/cause.ts'
import type { FindingClass, Regression } from '../../packages/analyzer/src/detect/finding.ts'
import { randomStream } from '../../packages/analyzer/src/stats/random-stream.ts'
import { figure } from './report.ts'
import type { Section, SectionResult, StudyOptions } from './section.ts'
import {
  type Order,
  type PlaceTimes,
  type Plan,
  SHOP_STEPS,
  type ShopRun,
  shopDefinition,
  shopExecution,
  shopRun,
  spread,
} from './simulated-shop-flow.ts'

/** Nine faults of a shop, each planted in many runs: is the right cause told first, and does the change add up? */
export const causes: Section = { name: 'causes', run }

const CALM_COUNT = 200
/** A fault that is not told after so many executions is missed. */
const HORIZON_COUNT = 200
/** How long a finding is followed: its executions double once or twice. */
const FOLLOWED_COUNT = 45

/** A fault, and how a cause shows that it was found. */
interface Planted {
  readonly name: string
  /** `random` draws what the fault needs: a step that was not there before has times of its own. */
  plan(random: () => number): Plan
  isRight(cause: Cause): boolean
  /** No attribute and no node has to do with it. */
  readonly isOfAll: boolean
}

const planted: readonly Planted[] = [
  slower('a dependency of a step', 'charge work', 2, 'io'),
  slower('the CPU time of a step', 'pack work', 2.5, 'cpu'),
  slower('the wait for a pool', 'reserve resource_wait', 7, 'resource-wait'),
  slower('the queue of a group', 'pack queue', 8, 'queue'),
  {
    name: 'the validation cache',
    plan: () => ({ hitShare: (index) => (index < CALM_COUNT ? 0.8 : 0.05) }),
    isRight: (cause) =>
      cause.kind === 'place' &&
      cause.class === 'validation' &&
      (cause.cacheHitRatioAfter ?? 1) < (cause.cacheHitRatioBefore ?? 0),
    isOfAll: true,
  },
  {
    name: 'the mix of inputs',
    plan: () => ({ largeShare: (index) => (index < CALM_COUNT ? 0.2 : 0.75) }),
    isRight: (cause) => cause.kind === 'mix' && cause.key === 'app.size',
    isOfAll: false,
  },
  {
    name: 'one value of an attribute',
    plan: () =>
      after((times, { tier }) => {
        if (tier === 'pro') scale(times, ['charge work'], 3)
      }),
    isRight: (cause) =>
      cause.kind === 'attribute' && cause.key === 'app.tier' && cause.value === 'pro',
    isOfAll: false,
  },
  {
    name: 'a version with another step',
    plan: (random) => ({
      flowVersion: (index) => (index < CALM_COUNT ? '1' : '2'),
      ...after((times) => {
        times['inspect work'] = spread(random, 45)
      }),
    }),
    isRight: (cause) =>
      cause.kind === 'flow_version' &&
      cause.to === '2' &&
      cause.difference?.added.join() === 'inspect',
    isOfAll: true,
  },
  {
    name: 'one slow node',
    plan: () =>
      after((times, { node }) => {
        if (node === 'node-b') scale(times, Object.keys(times), 3)
      }),
    isRight: (cause) => (cause.kind === 'node' || cause.kind === 'host') && cause.node === 'node-b',
    isOfAll: false,
  },
]

function run({ isQuick, seed }: StudyOptions): SectionResult {
  const runCount = isQuick ? 10 : 50
  const told = planted.map((one) => ({
    one,
    runs: Array.from({ length: runCount }, (_, at) => runOnce(one, 1_000 * seed + at)),
  }))
  const all = told.flatMap(({ runs }) => runs)
  const ofAll = told.flatMap(({ one, runs }) => (one.isOfAll ? runs : []))
  const rank = (limit: number) => ratio(all, ({ rank }) => rank < limit)
  return {
    method:
      `A shop of five steps, each place lognormal with CV 0.3, on two nodes, with three regions, two tiers and two sizes of ` +
      `order of which one takes three times as long. After ${CALM_COUNT} executions one fault; ${runCount} runs of each through ` +
      `the analyzer's own path, at its default settings. What is told is read when the finding was last told of, within ` +
      `${FOLLOWED_COUNT} executions of its opening; a fault that is not told within ${HORIZON_COUNT} executions is missed. A ` +
      `shift of the mix counts when it is told as one and not as a regression.`,
    tables: [
      {
        title: 'Rank of the planted cause',
        head: [
          'fault',
          'first at opening',
          'first at last',
          'among three',
          'not told',
          'told after, median',
        ],
        rows: told.map(({ one, runs }) => [
          one.name,
          figure(ratio(runs, ({ firstRank }) => firstRank === 0)),
          figure(ratio(runs, (found) => found.rank === 0)),
          figure(ratio(runs, (found) => found.rank < 3)),
          figure(ratio(runs, ({ delay }) => delay === undefined)),
          figure(middle(runs.flatMap(({ delay }) => delay ?? []))),
        ]),
      },
    ],
    claims: [
      {
        sentence: 'the planted cause is told first',
        measured: rank(1),
        bound: 0.9,
        side: 'at least',
      },
      {
        sentence: 'the planted cause is among the first three',
        measured: rank(3),
        bound: 0.98,
        side: 'at least',
      },
      {
        sentence: 'contributions sum to the change of the mean, largest relative error',
        measured: Math.max(...all.map(({ error }) => error)),
        bound: 0.01,
        side: 'at most',
      },
      {
        sentence: 'runs in which an attribute or node is named that does not differ',
        measured: ratio(ofAll, ({ isGroupNamed }) => isGroupNamed),
        bound: 0.05,
        side: 'at most',
      },
    ],
  }
}

interface Outcome {
  /** Of the planted cause when it was told first and last, 0 for the first; infinite when it was not among them. */
  readonly firstRank: number
  readonly rank: number
  /** Executions after the fault. */
  readonly delay: number | undefined
  readonly isGroupNamed: boolean
  /** Of the sum of the contributions, relative to the change. */
  readonly error: number
}

const MISSED: Outcome = {
  firstRank: Number.POSITIVE_INFINITY,
  rank: Number.POSITIVE_INFINITY,
  delay: undefined,
  isGroupNamed: false,
  error: 0,
}

function runOnce({ plan, isRight }: Planted, seed: number): Outcome {
  const random = randomStream(seed)
  const withInspection = [...SHOP_STEPS.slice(0, 2), 'inspect', ...SHOP_STEPS.slice(2)]
  const shop = shopRun([shopDefinition('1', SHOP_STEPS), shopDefinition('2', withInspection)])
  const own = plan(randomStream(seed + 500_000))
  const seen: Observation[] = []
  const ranks: number[] = []
  let outcome = MISSED
  for (let index = 0; index < CALM_COUNT + HORIZON_COUNT; index += 1) {
    const one = shopExecution(own, index, random)
    seen.push(one)
    for (const finding of toldBy(shop, one)) {
      const rank = finding.causes.findIndex(isRight)
      ranks.push(rank < 0 ? Number.POSITIVE_INFINITY : rank)
      outcome = {
        firstRank: ranks[0] ?? Number.POSITIVE_INFINITY,
        rank: ranks.at(-1) ?? Number.POSITIVE_INFINITY,
        delay: outcome.delay ?? index - CALM_COUNT,
        isGroupNamed: outcome.isGroupNamed || finding.causes.some(isGroup),
        error: Math.max(outcome.error, sumError(finding, seen)),
      }
    }
    if (outcome.delay !== undefined && index >= CALM_COUNT + outcome.delay + FOLLOWED_COUNT) break
    if (outcome.delay === undefined && isShift(shop, isRight))
      return { ...MISSED, firstRank: 0, rank: 0, delay: index - CALM_COUNT }
  }
  return outcome
}

/** Open regressions that were told of. */
function toldBy(shop: ShopRun, one: Observation): Regression[] {
  return shop
    .enter(one)
    .flatMap(({ change, finding }) =>
      finding.kind === 'regression' &&
      finding.direction === 'regression' &&
      finding.metric !== undefined &&
      change !== 'resolved'
        ? [finding]
        : [],
    )
}

function isGroup({ kind }: Cause): boolean {
  return kind === 'attribute' || kind === 'node'
}

/** A shift of the mix is no finding: it stands beside them. */
function isShift({ flow }: ShopRun, isRight: (cause: Cause) => boolean): boolean {
  return flow.watch.mixShifts.some(({ key, value, shareBefore, shareAfter }) => {
    const none = { change: 0, share: 1, words: '', executionIds: [], traceIds: [] }
    return isRight({ ...none, kind: 'mix', key, value, shareBefore, shareAfter })
  })
}

/** The contributions against the means of the executions that the finding says it rests on; other figures than times have none. */
function sumError(
  { evidence, onsetExecutionId, contributions, metric }: Regression,
  seen: readonly Observation[],
): number {
  if (metric !== 'duration' && metric !== 'phase') return 0
  const onset = seen.findIndex(({ executionId }) => executionId === onsetExecutionId)
  const { executionBeforeCount = 0, executionAfterCount = 0 } = evidence.figures
  const mean = (some: readonly Observation[]) =>
    some.reduce((sum, { durationMs }) => sum + durationMs, 0) / some.length
  const change =
    mean(seen.slice(onset, onset + executionAfterCount)) -
    mean(seen.slice(onset - executionBeforeCount, onset))
  const told = contributions.reduce((sum, { changeMs }) => sum + changeMs, 0)
  return Math.abs(told - change) / Math.abs(change)
}

function slower(name: string, place: string, factor: number, asClass: FindingClass): Planted {
  const [stepId, phase] = place.split(' ')
  return {
    name,
    plan: () => after((times) => scale(times, [place], factor)),
    isRight: (cause) =>
      cause.kind === 'place' &&
      cause.stepId === stepId &&
      cause.class === asClass &&
      // A step's CPU time is no part of the path.
      (cause.phase === phase || (asClass === 'cpu' && cause.phase === undefined)),
    isOfAll: true,
  }
}

/** From the first execution after the calm on. */
function after(alter: (times: PlaceTimes, order: Order) => void): Pick<Plan, 'alter'> {
  return {
    alter: (times, order) => {
      if (order.index >= CALM_COUNT) alter(times, order)
    },
  }
}

function scale(times: PlaceTimes, places: readonly string[], factor: number): void {
  for (const place of places) times[place] = factor * (times[place] ?? 0)
}

function ratio<T>(all: readonly T[], is: (one: T) => boolean): number {
  return all.filter(is).length / all.length
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
