import { describe, expect, test } from 'vitest'
import type { Observation } from './baseline/observation.ts'
import { UsualExecutions } from './baseline/usual-executions.ts'
import { createAnalyzer } from './create-analyzer.ts'
import { PresentSavings } from './detect/bottleneck/present-savings.ts'
import type { FindingChange, Regression } from './detect/finding.ts'
import { simulatedFigure, simulatedObservation } from './detect/simulated-flow.ts'
import { resolveDetection } from './detection-settings.ts'
import { enter } from './enter-flow.ts'
import { flowReport } from './flow-report.ts'
import { emptyFlow, type FlowState } from './flow-state.ts'
import { KeptExecutions } from './kept-executions.ts'
import { Observer } from './observer.ts'
import { enqueue } from './pending-executions.ts'
import { simulatedSpans } from './simulated-spans.ts'
import { normal, randomStream } from './stats/random-stream.ts'
import { durationUnixNs } from './time/unix-ns.ts'

const settings = {
  ...resolveDetection({}),
  tenant: 'default',
  flowId: 'order',
  entryCapacity: 256,
  keptCount: 50,
  marks: [],
}
const SECOND = 1_000_000_000n

describe('failures', () => {
  test.each([
    [0, 0.15],
    [0.02, 0.4],
    [0, 1],
  ])('that rise from %f to %f are told once, with the step', (before, after) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const rate = (index: number) => (index < 150 ? before : after)
      const { told } = run({ seed, count: 350, failureRate: rate })
      const opened = openings(told)
      expect(opened).toHaveLength(1)
      expect(opened[0]).toMatchObject({
        metric: 'error_rate',
        class: 'errors',
        direction: 'regression',
        place: { stepId: 'charge' },
        level: { unit: 'ratio' },
      })
      expect(opened[0]?.effect.low).toBeGreaterThan(0.01)
      expect(opened[0]?.evidence.executionIds.length).toBeGreaterThan(0)
      expect(opened[0]?.sentence).toContain('of the executions of order fail')
    }
  })

  test('that end again resolve it, and give no finding of their own', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const rate = (index: number) => (index >= 150 && index < 250 ? 0.4 : 0.01)
      const life = run({ seed, count: 400, failureRate: rate }).told
      expect(lifeOf(life)).toEqual(['opened', 'resolved'])
    }
  })

  test('at the same rate are within the budget', () => {
    const opened = [0.01, 0.1, 0.5].flatMap((rate) =>
      [1, 2, 3].flatMap((seed) =>
        openings(run({ seed, count: 3_000, failureRate: () => rate }).told),
      ),
    )
    // 27,000 executions: 2.7 at the budget.
    expect(opened.length).toBeLessThanOrEqual(7)
  })

  test('of six executions in a row are an outage, not a level', () => {
    const opened = [1, 2, 3, 4, 5].flatMap((seed) => {
      const rate = (index: number) => (index >= 150 && index < 156 ? 1 : 0)
      return openings(run({ seed, count: 300, failureRate: rate }).told)
    })
    expect(opened).toEqual([])
  })
})

describe('traffic', () => {
  test('that stops is told while nothing comes, by the clock alone', () => {
    const { flow, told } = run({ seed: 1, count: 600 })
    expect(openings(told)).toEqual([])
    const silent = advance(flow, 600n * SECOND, 200)
    expect(openings(silent)).toHaveLength(1)
    expect(openings(silent)[0]).toMatchObject({
      metric: 'throughput',
      class: 'traffic',
      direction: 'regression',
      severity: 'critical',
      level: { unit: 'per_hour', after: 0 },
    })
    expect(openings(silent)[0]?.sentence).toMatch(
      /^no execution of order has ended since .* an hour before$/,
    )
  })

  test('that comes back resolves it', () => {
    const { flow } = run({ seed: 1, count: 600 })
    advance(flow, 600n * SECOND, 200)
    const back = run({ seed: 2, count: 300, flow, from: 900 }).told
    expect(lifeOf(back)).toEqual(['resolved'])
  })

  test('that falls to a fifth is told by the executions that still come', () => {
    const sparse = (index: number) => (index < 600 ? 1 : 5)
    for (const seed of [1, 2, 3]) {
      const opened = openings(run({ seed, count: 700, everySeconds: sparse }).told)
      expect(opened.map(({ metric, direction }) => [metric, direction])).toEqual([
        ['throughput', 'regression'],
      ])
      expect(opened[0]?.effect.high).toBeLessThan(-0.33)
    }
  })

  test('that ebbs over hours is no change', () => {
    // From one a second to one in six seconds within a day's quarter.
    const ebb = (index: number) => 1 + 5 * Math.min(1, index / 8_000)
    expect(openings(run({ seed: 1, count: 8_000, everySeconds: ebb }).told)).toEqual([])
  })

  test('at random times is within the budget', () => {
    const opened = [1, 2, 3].flatMap((seed) =>
      openings(run({ seed, count: 6_000, isRandom: true }).told),
    )
    expect(opened.length).toBeLessThanOrEqual(3)
  })
})

describe('sampling', () => {
  test('that is known counts each execution for those that it stands for', () => {
    const halved = (index: number) => (index < 600 ? 1 : 2)
    const kept = run({ seed: 1, count: 900, everySeconds: halved, weightOf: halved })
    expect(openings(kept.told)).toEqual([])
  })

  test('that is not known switches traffic off, and says so', () => {
    const weightOf = (index: number) => (index < 300 ? 1 : undefined)
    const { flow } = run({ seed: 1, count: 600, weightOf })
    expect(openings(advance(flow, 600n * SECOND, 200))).toEqual([])
    expect(flowReport(flow, settings, []).traffic).toBe('unknown_sampling')
  })
})

test('what a restarted analyzer missed is no silence of the flow', () => {
  const story = (missedSeconds: number, isRestarted: boolean) => {
    const analyzer = createAnalyzer()
    for (let index = 0; index < 400; index++) {
      const startUnixNs = BigInt(index) * SECOND
      const steps = [{ id: 'charge', durationMs: 40 + (index % 7) }]
      analyzer.ingest(simulatedSpans({ index, startUnixNs, steps }), { nowUnixNs: startUnixNs })
      analyzer.advance(startUnixNs + SECOND)
    }
    const after = isRestarted ? createAnalyzer({}, analyzer.snapshot()) : analyzer
    return after.advance(BigInt(400 + missedSeconds) * SECOND)
  }
  const classes = (told: ReturnType<typeof story>) => told.map(({ finding }) => finding.class)
  expect(classes(story(600, false))).toContain('traffic')
  expect(classes(story(600, true))).toEqual([])
})

test('one by one or at once, in any batches of the clock, the findings are the same', () => {
  const plan = { seed: 7, failureRate: (index: number) => (index < 300 ? 0.02 : 0.3), count: 600 }
  const often = run({ ...plan, clockEvery: 1 })
  const seldom = run({ ...plan, clockEvery: 97 })
  const told = (all: readonly FindingChange[]) =>
    all.map(({ change, finding }) => [change, finding])
  expect(told([...often.told, ...advance(often.flow, 600n * SECOND, 100)])).toEqual(
    told([...seldom.told, ...advance(seldom.flow, 690n * SECOND, 1)]),
  )
})

interface Plan {
  readonly seed: number
  readonly count: number
  readonly failureRate?: (index: number) => number
  readonly everySeconds?: (index: number) => number
  readonly isRandom?: boolean
  readonly weightOf?: (index: number) => number | undefined
  readonly flow?: FlowState
  /** Second of the first. */
  readonly from?: number
  /** The clock is told after so many executions. */
  readonly clockEvery?: number
}

/** Executions of one step of some 100 ms, one after the other; the clock is told as they end. */
function run(plan: Plan): { readonly flow: FlowState; readonly told: FindingChange[] } {
  const { seed, count, failureRate = () => 0, everySeconds = () => 1, clockEvery = 1 } = plan
  const flow = plan.flow ?? emptyFlow('default', 'order')
  const random = randomStream(seed)
  const told: FindingChange[] = []
  let atMs = (plan.from ?? 0) * 1_000
  for (let index = 0; index < count; index++) {
    const gapMs = 1_000 * everySeconds(index)
    atMs += plan.isRandom ? -Math.log(1 - random()) * gapMs : gapMs
    const isFailed = random() < failureRate(index)
    const parts = [100 * Math.exp(0.2 * normal(random))]
    const one = simulatedObservation({ seed, index: index + (plan.from ?? 0), parts })
    const endUnixNs = durationUnixNs(atMs)
    const observation: Observation = {
      ...one,
      startUnixNs: endUnixNs - durationUnixNs(100),
      endUnixNs,
      weight: plan.weightOf === undefined ? 1 : plan.weightOf(index),
      unjudged: isFailed ? 'failed' : undefined,
      steps: [simulatedFigure({ stepId: 'charge', isFailed })],
    }
    enqueue(flow.pending, [observation], {})
    if ((index + 1) % clockEvery === 0 || index === count - 1)
      told.push(...enter(flow, { untilUnixNs: endUnixNs, isWatermark: true }, settings, shell()))
  }
  return { flow, told }
}

function shell() {
  return {
    observer: new Observer(),
    kept: new KeptExecutions({ perFlowCount: 0, maxBytes: 0 }),
    shown: new WeakMap(),
    usual: new UsualExecutions(),
    savings: new PresentSavings(),
    counters: {},
  }
}

/** The clock goes on in steps of a second while nothing happens, or in one. */
function advance(flow: FlowState, fromUnixNs: bigint, seconds: number): FindingChange[] {
  return Array.from({ length: seconds }, (_, second) => {
    const untilUnixNs = fromUnixNs + BigInt(second + 1) * SECOND
    return enter(flow, { untilUnixNs, isWatermark: true }, settings, shell())
  }).flat()
}

function lifeOf(told: readonly FindingChange[]): string[] {
  return told.flatMap(({ change, finding }) =>
    finding.kind === 'regression' && change !== 'updated' ? [change] : [],
  )
}

function openings(told: readonly FindingChange[]): Regression[] {
  return told.flatMap(({ change, finding }) =>
    change === 'opened' && finding.kind === 'regression' ? [finding] : [],
  )
}
