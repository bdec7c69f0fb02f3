import { expect, test } from 'vitest'
import { UsualExecutions } from './baseline/usual-executions.ts'
import { PresentSavings } from './detect/bottleneck/present-savings.ts'
import type { Anomaly, FindingChange } from './detect/finding.ts'
import { simulatedObservation } from './detect/simulated-flow.ts'
import { resolveDetection } from './detection-settings.ts'
import { enter } from './enter-flow.ts'
import { emptyFlow } from './flow-state.ts'
import { KeptExecutions } from './kept-executions.ts'
import { Observer } from './observer.ts'
import { enqueue } from './pending-executions.ts'
import { normal, randomStream } from './stats/random-stream.ts'

const settings = {
  ...resolveDetection({}),
  tenant: 'default',
  flowId: 'order',
  entryCapacity: 256,
  keptCount: 50,
  marks: [],
}

test('one execution of five times the usual is told, with where its time went, and is over soon', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const told = run({ seed, count: 300, factor: (index) => (index === 250 ? 5 : 1) })
    const life = anomaliesIn(told).filter(({ finding }) => finding.executionId.endsWith('-250'))
    expect(life.map(({ change }) => change)).toEqual(['opened', 'resolved'])
    expect(life[0]?.finding).toMatchObject({
      severity: 'low',
      place: { stepId: 'step-1', phase: 'work' },
      executionCount: 1,
    })
    expect(life[0]?.finding.sentence).toMatch(
      /^execution \S+-250 of order took \S+ \S+, where .* as long .*: \+.* in step-1 › work$/,
    )
    expect(told.filter(({ finding }) => finding.kind === 'regression')).toEqual([])
  }
})

test('a level that changes is a change, and no train of anomalies', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const told = run({ seed, count: 400, factor: (index) => (index >= 250 ? 4 : 1) })
    const around = anomaliesIn(told).filter(({ change }) => change === 'opened')
    expect(around.length).toBeLessThanOrEqual(2)
    const opened = told.filter(
      ({ change, finding }) => change === 'opened' && finding.kind === 'regression',
    )
    expect(opened).toHaveLength(1)
    // What was seen of the change before it was known ended with it.
    expect(told.some(({ finding }) => isOpenAtTheEnd(told, finding.id, finding.kind))).toBe(false)
  }
})

test('slow ones that follow each other are one incident', () => {
  const told = run({
    seed: 3,
    count: 300,
    factor: (index) => (index % 6 === 0 && index > 280 ? 6 : 1),
  })
  const late = anomaliesIn(told).filter(({ finding }) => finding.openedUnixNs > 280_000_000_000n)
  expect(late.map(({ change }) => change)).toEqual(['opened', 'updated', 'updated'])
  expect(late.at(-1)?.finding).toMatchObject({ executionCount: 3 })
  expect(late.at(-1)?.finding.sentence).toContain(', and 2 more soon after it were as unusual')
})

function isOpenAtTheEnd(told: readonly FindingChange[], id: string, kind: string): boolean {
  const own = told.filter(({ finding }) => finding.id === id)
  return kind === 'anomaly' && own.at(-1)?.change !== 'resolved'
}

function anomaliesIn(
  told: readonly FindingChange[],
): { readonly change: string; readonly finding: Anomaly }[] {
  return told.flatMap(({ change, finding }) =>
    finding.kind === 'anomaly' ? [{ change, finding }] : [],
  )
}

/** Two steps of some 50 ms; the factor is the second one's. */
function run(plan: {
  readonly seed: number
  readonly count: number
  readonly factor: (index: number) => number
}): FindingChange[] {
  const flow = emptyFlow('default', 'order')
  const random = randomStream(plan.seed)
  const shell = {
    observer: new Observer(),
    kept: new KeptExecutions({ perFlowCount: 0, maxBytes: 0 }),
    shown: new WeakMap(),
    usual: new UsualExecutions(),
    savings: new PresentSavings(),
    counters: {},
  }
  const told: FindingChange[] = []
  for (let index = 0; index < plan.count; index++) {
    const draw = () => 50 * Math.exp(0.2 * normal(random))
    const parts = [draw(), draw() * plan.factor(index)]
    const observation = simulatedObservation({ seed: plan.seed, index, parts })
    enqueue(flow.pending, [observation], {})
    const until = { untilUnixNs: observation.endUnixNs, isWatermark: true }
    told.push(...enter(flow, until, settings, shell))
  }
  return told
}
