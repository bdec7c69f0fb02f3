import type { Alert } from '../../packages/analyzer/src/explain/alert/alert.ts'
import {
  type SimulatedFlow,
  simulateTenant,
  type ToldChange,
} from '../../packages/analyzer/src/simulated-tenant.ts'
import type { Claim, Section, StudyTable } from './section.ts'

/**
 * Flows through detectors, findings and alerts as the analyzer wires them. In most flows nothing happens; of the others it is
 * known what, so that every alert is right or false.
 */
export const alerts: Section = {
  name: 'alerts',
  run({ isQuick, seed }) {
    const seeds = Array.from({ length: isQuick ? 4 : 20 }, (_, index) => seed * 1_000 + index)
    const stories = STORIES.map((story) => ({ story, ...tellStory(story, seeds) }))
    const shares = discoveries(isQuick ? 2 : 12, seed)
    return {
      method: METHOD,
      tables: [storyTable(stories), discoveryTable(shares)],
      claims: [
        ...stories.map(
          ({ story, exactRatio }): Claim => ({
            sentence: `share of seeds: ${story.name} is told in exactly ${story.causes.length}`,
            measured: exactRatio,
            bound: 0.95,
            side: 'at least',
          }),
        ),
        {
          sentence: `share of false alerts, mean over runs of ${TICK_COUNT} executions a flow at a budget of ${BUDGET}`,
          measured: shares.falseRatio,
          bound: TICK_COUNT / BUDGET,
          side: 'at most',
        },
      ],
    }
  },
}

/** Of the flows in which mostly nothing happens. */
const TICK_COUNT = 300
const BUDGET = 3_000
const FLOW_COUNT = 40
const CHANGED_COUNT = 4

const METHOD = `Six flows of five places, lognormal with sigma 0.2, one execution a second each; the change comes after 150 of 260
executions and what comes and goes does so every 100 of 900. Then 40 flows of two places, of which 4 become half as slow again after
half of ${TICK_COUNT} executions, at a budget small enough that healthy flows alarm. An alert is false when it names a healthy flow.`

const PAYMENTS = 'POST payments.example'
const SHOP_IDS = ['checkout', 'refund', 'renewal', 'gift', 'quote', 'return']

const shops: readonly SimulatedFlow[] = SHOP_IDS.map((flowId) => ({
  flowId,
  places: [
    { stepId: 'check', phase: 'work', spanName: undefined, meanMs: 30 },
    { stepId: 'pay', phase: 'work', spanName: PAYMENTS, meanMs: 60 },
    { stepId: 'tell', phase: 'work', spanName: `POST ${flowId}.example`, meanMs: 40 },
    { stepId: 'store', phase: 'work', spanName: undefined, meanMs: 25, action: 'store-order' },
    { stepId: 'tidy', phase: 'ledger', spanName: undefined, meanMs: 5 },
  ],
}))

type SlowerBy = NonNullable<Parameters<typeof simulateTenant>[0]['slowerBy']>

interface Story {
  readonly name: string
  /** What the alerts must be due to, in any order. */
  readonly causes: readonly Alert['cause'][]
  readonly tickCount: number
  readonly slowerBy: SlowerBy
}

const ONSET = 150
const SHORT = 260
const dependency = (name: string) => ({ kind: 'dependency', name }) as const

const STORIES: readonly Story[] = [
  {
    name: 'a dependency of six flows',
    causes: [dependency(PAYMENTS)],
    tickCount: SHORT,
    slowerBy: ({ place, tick }) => (place.spanName === PAYMENTS && tick >= ONSET ? 2.5 : 1),
  },
  {
    name: 'an action of six flows',
    causes: [{ kind: 'action', name: 'store-order' }],
    tickCount: SHORT,
    slowerBy: ({ place, tick }) => (place.stepId === 'store' && tick >= ONSET ? 4 : 1),
  },
  {
    name: 'the machine itself',
    causes: [{ kind: 'host', name: 'host' }],
    tickCount: SHORT,
    slowerBy: ({ tick }) => (tick >= ONSET ? 1.6 : 1),
  },
  {
    name: 'two dependencies at once',
    causes: [dependency(PAYMENTS), dependency('POST gift.example')],
    tickCount: SHORT,
    slowerBy: ({ flowId, place, tick }) => {
      if (tick < ONSET) return 1
      if (place.spanName === 'POST gift.example') return 4
      return place.spanName === PAYMENTS && flowId !== 'gift' ? 2.5 : 1
    },
  },
  {
    name: 'a dependency that comes and goes',
    causes: [dependency(PAYMENTS)],
    tickCount: 900,
    slowerBy: ({ place, tick }) =>
      place.spanName === PAYMENTS && Math.floor(tick / 100) % 2 === 1 ? 3 : 1,
  },
]

interface StoryResult {
  readonly exactRatio: number
  readonly meanCount: number
}

function tellStory({ causes, tickCount, slowerBy }: Story, seeds: readonly number[]): StoryResult {
  const wanted = causes.map(({ kind, name }) => `${kind} ${name}`).sort()
  // What comes and goes is long: a few seeds and flows say it as well.
  const isLong = tickCount > SHORT
  const asked = isLong ? seeds.slice(0, Math.ceil(seeds.length / 3)) : seeds
  const flows = isLong ? shops.slice(0, 2) : shops
  const found = asked.map((one) =>
    causesOf(simulateTenant({ seed: one, flows, tickCount, slowerBy }).told),
  )
  const exact = found.filter((all) => all.join() === wanted.join())
  const count = found.reduce((sum, all) => sum + all.length, 0)
  return { exactRatio: exact.length / found.length, meanCount: count / found.length }
}

/** Of every alert its last cause, in order. */
function causesOf(told: readonly ToldChange[]): string[] {
  const last = new Map<string, string>()
  for (const { finding } of told)
    if (finding.kind === 'alert')
      last.set(finding.id, `${finding.cause.kind} ${finding.cause.name}`)
  return [...last.values()].sort()
}

interface Shares {
  readonly runCount: number
  readonly falseRatio: number
  readonly foundRatio: number
  readonly falseCount: number
  /** What regressions alone would have been: one alert for each. */
  readonly ungatedFalseRatio: number
}

function discoveries(runCount: number, seed: number): Shares {
  const flows = Array.from({ length: FLOW_COUNT }, (_, index) => ({
    flowId: `flow-${index}`,
    places: [
      { stepId: 'one', phase: 'work' as const, spanName: undefined, meanMs: 40 },
      { stepId: 'two', phase: 'work' as const, spanName: `GET ${index}`, meanMs: 60 },
    ],
  }))
  const isChanged = (flowId: string) => Number(flowId.split('-')[1]) < CHANGED_COUNT
  const sums = { falseRatio: 0, foundRatio: 0, falseCount: 0, ungatedFalseRatio: 0 }
  for (let run = 0; run < runCount; run += 1) {
    const { told } = simulateTenant({
      seed: seed * 777 + run,
      flows,
      tickCount: TICK_COUNT,
      budget: BUDGET,
      sigma: 0.3,
      slowerBy: ({ flowId, place, tick }) =>
        isChanged(flowId) && place.stepId === 'two' && tick >= TICK_COUNT / 2 ? 1.8 : 1,
    })
    const opened = told.filter(({ change }) => change === 'opened')
    const isFalse = ({ finding, tick }: ToldChange) =>
      !isChanged(finding.place.flowId) || tick < TICK_COUNT / 2
    const raised = opened.filter(({ finding }) => finding.kind === 'alert')
    const regressions = opened.filter(
      ({ finding }) => finding.kind === 'regression' && finding.direction === 'regression',
    )
    const falseCount = raised.filter(isFalse).length
    sums.falseCount += falseCount
    sums.falseRatio += falseCount / Math.max(1, raised.length)
    sums.foundRatio += (raised.length - falseCount) / CHANGED_COUNT
    sums.ungatedFalseRatio += regressions.filter(isFalse).length / Math.max(1, regressions.length)
  }
  return {
    runCount,
    falseCount: sums.falseCount,
    falseRatio: sums.falseRatio / runCount,
    foundRatio: sums.foundRatio / runCount,
    ungatedFalseRatio: sums.ungatedFalseRatio / runCount,
  }
}

function storyTable(stories: readonly (StoryResult & { readonly story: Story })[]): StudyTable {
  return {
    title: 'What is told of a cause',
    head: ['cause', 'alerts wanted', 'alerts, mean', 'exactly these'],
    rows: stories.map(({ story, meanCount, exactRatio }) => [
      story.name,
      `${story.causes.length}`,
      meanCount.toFixed(2),
      `${(100 * exactRatio).toFixed(0)} %`,
    ]),
  }
}

function discoveryTable(shares: Shares): StudyTable {
  return {
    title: `Of ${FLOW_COUNT} flows ${CHANGED_COUNT} change, ${shares.runCount} runs`,
    head: [
      'false alerts',
      'share of alerts',
      'share without weighing flows together',
      'changes found',
    ],
    rows: [
      [
        `${shares.falseCount}`,
        `${(100 * shares.falseRatio).toFixed(1)} %`,
        `${(100 * shares.ungatedFalseRatio).toFixed(1)} %`,
        `${(100 * shares.foundRatio).toFixed(0)} %`,
      ],
    ],
  }
}
