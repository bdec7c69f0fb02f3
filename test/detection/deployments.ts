import type { Mark } from '../../packages/analyzer/src/baseline/marks.ts'
import type { Cause } from '../../packages/analyzer/src/detect/cause.ts'
import { type RandomStream, randomStream } from '../../packages/analyzer/src/stats/random-stream.ts'
import { figure } from './report.ts'
import type { Section, SectionResult, StudyOptions } from './section.ts'
import {
  type Order,
  type PlaceTimes,
  type Plan,
  SHOP_STEPS,
  shopDefinition,
  shopExecution,
  shopRun,
  spread,
  startOf,
} from './simulated-shop-flow.ts'

/** Timelines with deployments of which one or none is to blame: is it told, and are the others left alone? */
export const deployments: Section = { name: 'deployments', run }

const EXECUTION_COUNT = 460
/** Everything happens between these. */
const FIRST_INDEX = 100
const LAST_INDEX = 380
/** The fault comes when there is something to compare with, and early enough to be told. */
const FIRST_FAULT_INDEX = 150
const LAST_FAULT_INDEX = 330
/** Executions between two deployments, at least. */
const MIN_GAP = 20
const MAX_DEPLOYMENT_COUNT = 5
/** How long a finding is followed. */
const FOLLOWED_COUNT = 45
/** Executions over which a version takes over, where it does so node by node. */
const ROLL_OUT_COUNT = 40

interface Deployed {
  readonly kind: 'flow_version' | 'code_version' | 'mark'
  readonly index: number
  /** 0 for all at once. */
  readonly rollOutCount: number
  /** What it is known by: a version, or a mark's text. */
  readonly name: string
}

const OTHER_FAULTS = ['dependency', 'host', 'sizes', 'branches'] as const

interface Timeline {
  readonly deployed: readonly Deployed[]
  /** The deployment that is to blame, or what else happens. */
  readonly fault:
    | Deployed
    | { readonly kind: (typeof OTHER_FAULTS)[number]; readonly index: number }
}

function run({ isQuick, seed }: StudyOptions): SectionResult {
  const count = isQuick ? 80 : 300
  const outcomes = Array.from({ length: count }, (_, at) => runOnce(100_000 * seed + at))
  const mixes = outcomes.filter(({ kind }) => isMix(kind))
  const withInnocent = outcomes.filter(({ innocentCount }) => innocentCount > 0)
  const kinds = [...new Set(outcomes.map(({ kind }) => kind))].sort()
  return {
    method:
      `${count} timelines of the shop, each of ${EXECUTION_COUNT} executions with 0 to ${MAX_DEPLOYMENT_COUNT} deployments at least ` +
      `${MIN_GAP} executions apart: versions of the flow, versions of the code, at once or over ${ROLL_OUT_COUNT} executions, ` +
      `and marks. In half of those with deployments one is to blame: it doubles a call, or adds a step. Else a dependency or ` +
      `the host changes, or there are more large orders, or more that take a branch, at a time that has nothing to do with any deployment. A cause is told first when it ` +
      `is so when the finding was last told of; a deployment is blamed when it is among the causes at any time.`,
    tables: [
      {
        title: 'What was to blame',
        head: ['cause', 'timelines', 'told first', 'not told', 'an innocent deployment blamed'],
        rows: kinds.map((kind) => {
          const own = outcomes.filter((one) => one.kind === kind)
          return [
            kind.replace('_', ' '),
            String(own.length),
            figure(ratio(own, ({ isRight }) => isRight)),
            figure(ratio(own, ({ isTold }) => !isTold)),
            figure(ratio(own, ({ isInnocentBlamed }) => isInnocentBlamed)),
          ]
        }),
      },
    ],
    claims: [
      {
        sentence: 'the right cause is told first',
        measured: ratio(outcomes, ({ isRight }) => isRight),
        bound: 0.9,
        side: 'at least',
      },
      {
        sentence: 'timelines with innocent deployments in which one is blamed',
        measured: ratio(withInnocent, ({ isInnocentBlamed }) => isInnocentBlamed),
        bound: 0.05,
        side: 'at most',
      },
      {
        sentence: 'shifts of the mix that are called a regression',
        measured: ratio(mixes, ({ isRegression }) => isRegression),
        bound: 0.05,
        side: 'at most',
      },
    ],
  }
}

interface Outcome {
  readonly kind: Timeline['fault']['kind']
  readonly innocentCount: number
  readonly isTold: boolean
  readonly isRight: boolean
  readonly isInnocentBlamed: boolean
  readonly isRegression: boolean
}

function runOnce(seed: number): Outcome {
  const random = randomStream(seed)
  const timeline = drawTimeline(random)
  const { deployed, fault } = timeline
  const innocent = deployed.filter((one) => one !== fault)
  const shop = shopRun(definitionsOf(timeline))
  const plan = planOf(timeline, random)
  const marks = marksOf(timeline)
  let [isRight, isInnocentBlamed, isRegression] = [false, false, false]
  let openedAt: number | undefined
  for (let index = 0; index < EXECUTION_COUNT; index += 1) {
    const known = marks.filter(({ unixNs }) => unixNs <= startOf(index))
    for (const { change, finding } of shop.enter(shopExecution(plan, index, random), known)) {
      if (finding.kind !== 'regression' || change === 'resolved') continue
      if (finding.direction !== 'regression') continue
      openedAt ??= index
      isRegression = true
      const [main] = finding.causes
      isRight = main !== undefined && isCause(main, fault)
      isInnocentBlamed ||= finding.causes.some((cause) =>
        innocent.some((one) => isCause(cause, one)),
      )
    }
    if (openedAt !== undefined && index >= openedAt + FOLLOWED_COUNT) break
  }
  const key = fault.kind === 'sizes' ? 'app.size' : 'variant'
  const isShift = isMix(fault.kind) && shop.flow.watch.mixShifts.some((one) => one.key === key)
  if (isMix(fault.kind)) isRight = isShift && !isRegression
  const isTold = openedAt !== undefined || isShift
  const { kind } = fault
  return { kind, innocentCount: innocent.length, isTold, isRight, isInnocentBlamed, isRegression }
}

/** More large orders, or more that are inspected. */
function isMix(kind: Timeline['fault']['kind']): boolean {
  return kind === 'sizes' || kind === 'branches'
}

function isCause(cause: Cause, fault: Timeline['fault']): boolean {
  switch (fault.kind) {
    case 'dependency':
      return cause.kind === 'place' && cause.stepId === 'charge' && cause.phase === 'work'
    case 'host':
      return cause.kind === 'host' && cause.node === undefined
    case 'sizes':
    case 'branches':
      return false
    case 'mark':
      return cause.kind === 'mark' && cause.text === fault.name
    default:
      return cause.kind === fault.kind && cause.to === fault.name
  }
}

function drawTimeline(random: RandomStream): Timeline {
  const count = Math.floor(random() * (MAX_DEPLOYMENT_COUNT + 1))
  const indices: number[] = []
  while (indices.length < count) {
    const index = whole(random, FIRST_INDEX, LAST_INDEX)
    if (indices.every((other) => Math.abs(other - index) >= MIN_GAP)) indices.push(index)
  }
  indices.sort((a, b) => a - b)
  const deployed = indices.map((index, at): Deployed => {
    const kind =
      (['flow_version', 'code_version', 'code_version', 'mark'] as const)[whole(random, 0, 3)] ??
      'mark'
    const isRolledOut = kind === 'code_version' && random() < 0.5
    return { kind, index, rollOutCount: isRolledOut ? ROLL_OUT_COUNT : 0, name: `d${at + 1}` }
  })
  const guilty = deployed.filter(
    ({ index }) => index >= FIRST_FAULT_INDEX && index <= LAST_FAULT_INDEX,
  )
  const chosen = guilty[whole(random, 0, guilty.length - 1)]
  if (chosen !== undefined && random() < 0.5) return { deployed, fault: chosen }
  const kind = OTHER_FAULTS[whole(random, 0, OTHER_FAULTS.length - 1)] ?? 'host'
  return { deployed, fault: { kind, index: whole(random, FIRST_FAULT_INDEX, LAST_FAULT_INDEX) } }
}

/** Every version of the flow rewires nothing but names another action; the one to blame adds a step. */
function definitionsOf({ deployed, fault }: Timeline) {
  const versions = deployed.filter(({ kind }) => kind === 'flow_version')
  return [
    shopDefinition('1', SHOP_STEPS),
    ...versions.map((one) =>
      shopDefinition(
        one.name,
        one === fault ? [...SHOP_STEPS, 'inspect'] : [...SHOP_STEPS, `log-${one.name}`],
      ),
    ),
  ]
}

function marksOf({ deployed }: Timeline): Mark[] {
  return deployed
    .filter(({ kind }) => kind === 'mark')
    .map(({ index, name }) => ({
      tenant: 'default',
      flowId: undefined,
      unixNs: startOf(index),
      text: name,
    }))
}

function planOf({ deployed, fault }: Timeline, random: RandomStream): Plan {
  const versions = (kind: Deployed['kind']) => deployed.filter((one) => one.kind === kind)
  const versionAt =
    (all: readonly Deployed[], first: string) => (index: number, draw: RandomStream) =>
      all.findLast((one) => isOn(one, index, draw))?.name ?? first
  return {
    flowVersion: versionAt(versions('flow_version'), '1'),
    codeVersion: versionAt(versions('code_version'), '2.0.0'),
    largeShare: (index) => (fault.kind === 'sizes' && index >= fault.index ? 0.75 : 0.2),
    ...(fault.kind === 'branches' && {
      inspectedShare: (index: number) => (index >= fault.index ? 0.75 : 0.2),
    }),
    alter: (times, order) => alter(times, order, fault, random),
  }
}

/** Whether an execution runs what was deployed: more and more of them while it is rolled out. */
function isOn({ index: from, rollOutCount }: Deployed, index: number, draw: RandomStream): boolean {
  if (index < from) return false
  return rollOutCount === 0 || draw() < (index - from + 1) / rollOutCount
}

function alter(
  times: PlaceTimes,
  order: Order,
  fault: Timeline['fault'],
  random: RandomStream,
): void {
  const scale = (factor: number, place: string) => {
    times[place] = factor * (times[place] ?? 0)
  }
  switch (fault.kind) {
    case 'flow_version':
      if (isSince(order.flowVersion, fault)) times['inspect work'] = spread(random, 45)
      break
    case 'code_version':
      if (isSince(order.codeVersion, fault)) scale(2, 'charge work')
      break
    case 'mark':
    case 'dependency':
      if (order.index >= fault.index) scale(2, 'charge work')
      break
    case 'host':
      if (order.index >= fault.index) for (const place of Object.keys(times)) scale(1.7, place)
      break
    case 'sizes':
    case 'branches':
      break
  }
}

/** Versions are named in order; those that follow the one to blame are no better. */
function isSince(version: string, { name }: Deployed): boolean {
  return version.startsWith('d') && version >= name
}

function whole(random: RandomStream, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1))
}

function ratio<T>(all: readonly T[], is: (one: T) => boolean): number {
  return all.filter(is).length / all.length
}
