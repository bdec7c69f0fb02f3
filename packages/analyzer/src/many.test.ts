import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_POOL_NAME,
  ATTR_QFLOW_STEP_GROUP_ID,
} from '@qflow-otel/semconv'
import { describe, expect, test } from 'vitest'
import type { Analyzer } from './analyzer.ts'
import { createAnalyzer } from './create-analyzer.ts'
import type { AttributeValue, SpanRecord } from './otlp/span-record.ts'
import { randomStream } from './stats/random-stream.ts'
import { DIAGRAM_START_UNIX_NS, type DrawnPhases, spansFromDiagram } from './trace/trace-diagram.ts'

/** One column of a drawing is one ms. */
const MS_NS = 1_000_000n
const SECOND_NS = 1_000_000_000n

describe('a flow that takes one of two branches', () => {
  const analyzer = createAnalyzer()
  const paid = `
    flow             ====================
      step.check      ====
      step.pay            ============
  `
  const refused = `
    flow             ========
      step.check      ====
      step.refuse         =
  `
  for (let index = 0; index < 60; index += 1)
    take(analyzer, drawn(index % 3 === 0 ? refused : paid, { index }))
  const [flow] = analyzer.report().flows

  test('has two variants, each with its share, its duration and where its time goes', () => {
    expect(flow?.variants.map(({ steps }) => steps?.map(({ stepId }) => stepId))).toEqual([
      ['check', 'pay'],
      ['check', 'refuse'],
    ])
    const [most, least] = flow?.variants ?? []
    expect(most?.executionCount).toBe(40)
    expect(most?.share.value).toBeCloseTo(2 / 3, 9)
    expect(most?.distinct).toEqual([{ stepId: 'pay', isFailed: false }])
    expect(most?.durationMs.p50?.value).toBeCloseTo(20, 0)
    expect(least?.durationMs.p50?.value).toBeCloseTo(8, 0)
    expect(most?.criticalPath[0]).toMatchObject({ stepId: 'pay' })
    expect(least?.criticalPath[0]).toMatchObject({ stepId: 'check' })
  })

  test('an execution is compared with those that took the same branches', () => {
    const report = analyzer.execution({ executionId: 'execution-57' })
    expect(report?.comparison).toMatchObject({ isWithinVariant: true, n: 19 })
    const answer = analyzer.why({ executionId: 'execution-57' })
    expect(answer?.headline).toContain('as usual')
    expect(answer?.facts.join()).toContain('19 other executions that took the same branches')
  })

  test('why says so', () => {
    expect(analyzer.why({ flowId: 'f' })?.facts.join('\n')).toContain(
      'Its executions took 2 variants: 66.7 % ran pay (median 20',
    )
  })
})

describe('a pool that two flows share', () => {
  const analyzer = createAnalyzer()
  for (let index = 0; index < 20; index += 1) {
    const holding = `
      flow             ============
        step.label      ==========
          hold          ==========
    `
    const waiting = `
      flow               ==============
        step.pack         ===========
          acquire         =======
          hold                   ====
    `
    take(analyzer, drawn(holding, { index, flowId: 'returns', pool: 'printers' }))
    take(analyzer, drawn(waiting, { index: index + 100, at: index, pool: 'printers' }))
  }

  test('is held by those who held it while others waited', () => {
    const [pool] = analyzer.report().pools
    expect(pool).toMatchObject({ pool: 'printers', waitCount: 20, waitMs: 140, unexplainedMs: 0 })
    expect(pool?.waiters).toEqual([{ flowId: 'f', stepId: 'pack', waitCount: 20, waitMs: 140 }])
    expect(pool?.holders).toMatchObject([{ flowId: 'returns', stepId: 'label', share: 1 }])
    expect(analyzer.report('somebody else').pools).toEqual([])
  })

  test('why says who, and that of a flow which does not wait there is nothing to say', () => {
    expect(analyzer.why({ flowId: 'f' })?.facts.join('\n')).toContain(
      'Step pack waited 140 ms in 20 acquisitions of pool printers. Of what was held meanwhile, step label of returns held 100 %',
    )
    expect(analyzer.why({ flowId: 'returns' })?.facts.join('\n')).not.toContain('printers')
  })
})

test('without detail spans why says that who held what is not known', () => {
  const analyzer = createAnalyzer()
  const waiting = `
    flow             ===========
      step.pack       =========
  `
  const phases = { pack: { resource_wait: 6, work: 3 } }
  for (let index = 0; index < 12; index += 1) take(analyzer, drawn(waiting, { index, phases }))
  expect(analyzer.report().pools).toEqual([])
  const facts = analyzer.why({ flowId: 'f' })?.facts.join('\n')
  expect(facts).toContain('Step pack waited 6 ms')
  expect(facts).toContain('is not known')
})

describe('a parallel group', () => {
  const inSeries = `
    flow             ======================
      step.fan        ====================
        step.a        ========
        step.b                ============
  `

  test('whose steps ran in series loses what the longest does not need', () => {
    const analyzer = createAnalyzer()
    for (let index = 0; index < 40; index += 1)
      take(analyzer, drawn(inSeries, { index, grouped: ['a', 'b'] }))
    const found = analyzer.report().findings.find((finding) => finding.class === 'serial-work')
    expect(found).toMatchObject({ kind: 'bottleneck', place: { stepId: 'fan', phase: undefined } })
    expect(found?.kind === 'bottleneck' && found.savedMs.value).toBeCloseTo(8, 9)
    expect(found?.sentence).toContain('If the steps of fan ran at once')
    const advice = analyzer
      .report()
      .findings.filter((finding) => finding.kind === 'recommendation')
      .find(({ action }) => action === 'parallelize-steps')
    // Told after thirty; whoever asks gets what all of them say, of the bottleneck and of the advice.
    expect(advice?.predictedGain.n).toBe(40)
    expect(advice?.predictedGain).toEqual(found?.kind === 'bottleneck' && found.speedup)
    expect(advice?.sentence).toContain('n = 40')
  })

  test('whose steps queued says behind whom', () => {
    const analyzer = createAnalyzer()
    const queued = `
      flow             ======================
        step.fan        ====================
          step.a        ========
          step.b        ====================
    `
    const phases = { b: { queue: 8, work: 12 } }
    for (let index = 0; index < 12; index += 1)
      take(analyzer, drawn(queued, { index, phases, grouped: ['a', 'b'] }))
    const [flow] = analyzer.report().flows
    expect(flow?.queues).toEqual([
      {
        containerId: 'fan',
        stepId: 'b',
        waitCount: 12,
        waitMs: 96,
        holders: [{ stepId: 'a', ranMs: 96 }],
      },
    ])
    expect(analyzer.why({ flowId: 'f' })?.facts.join('\n')).toContain(
      'Step b waited 8 ms for its turn in the group of fan, 100 % of it while a ran (n = 12).',
    )
  })
})

describe('a place beside another branch', () => {
  const analyzer = createAnalyzer()
  const beside = `
    flow             ====================
      step.long       ==================
      step.short      ============
  `
  const phases = { long: { work: 18 }, short: { work: 12 } }
  for (let index = 0; index < 80; index += 1) take(analyzer, drawn(beside, { index, phases }))
  const [curve] = analyzer.report().flows[0]?.curves ?? []

  test('has a curve that bends where the other takes over', () => {
    expect(curve?.place).toMatchObject({ stepId: 'long', phase: 'work' })
    const saved = curve?.points.map(({ remainingRatio, saved: { value } }) => [
      remainingRatio,
      Math.round(value * 1_000),
    ])
    // A quarter off saves 4.5 of 20 ms; beyond 6 ms the short step decides.
    expect(saved).toEqual([
      [1, 0],
      [0.75, 225],
      [0.5, 300],
      [0.25, 300],
      [0, 300],
    ])
  })

  test('what runs beside it has slack, and it has none', () => {
    const steps = analyzer.report().flows[0]?.steps
    const slackOf = (id: string) => steps?.find(({ stepId }) => stepId === id)?.slack
    expect(slackOf('long')?.onPath.value).toBe(1)
    expect(slackOf('short')?.onPath.value).toBe(0)
    expect(slackOf('short')?.quantilesMs.p50?.value).toBeCloseTo(6, 1)
    expect(slackOf('short')?.onPath.n).toBe(curve?.points[0]?.saved.n)
    expect(analyzer.why({ flowId: 'f' })?.facts.join('\n')).toContain(
      'Step short could end 6 ms later',
    )
  })

  test('saves without the place what its bottleneck says, on as many executions', () => {
    const { findings } = analyzer.report()
    const bottleneck = findings.find((one) => one.kind === 'bottleneck')
    expect(bottleneck).toMatchObject({ place: { stepId: 'long', phase: 'work' } })
    expect(curve?.points.at(-1)?.saved).toEqual(bottleneck?.speedup)
    // Told after the first forty; whoever asks gets what all of them say.
    expect(bottleneck?.speedup.n).toBe(80)
    const answer = analyzer.why({ flowId: 'f' })
    expect(answer?.facts.join('\n')).toContain('to be rid of it 30 % (n = 80)')
    expect(answer?.headline).toContain('± 0 % faster (6 ms per execution, n = 80)')
  })

  test('says on how many it rests, and they are not all', () => {
    const n = curve?.points[0]?.saved.n ?? 0
    expect(n).toBeGreaterThan(5)
    expect(n).toBeLessThan(50)
  })
})

test('of a phase that one kind of span makes up, the curve is that of the span', () => {
  const analyzer = createAnalyzer()
  const calling = `
    flow             ===================
      step.first      =========
        GET           ========
      step.second              =========
        POST                   ========
  `
  for (let index = 0; index < 80; index += 1)
    take(analyzer, drawn(calling, { index, phases: { first: { work: 9 }, second: { work: 9 } } }))
  const { curves = [] } = analyzer.report().flows[0] ?? {}
  expect(curves.map(({ place }) => place.spanName)).toEqual(['GET', 'POST'])
  for (const { points } of curves) expect(points.at(-1)?.saved.value).toBeCloseTo(8 / 19, 9)
})

test('executions that overlap are counted as open at once, failed ones as well', () => {
  const analyzer = createAnalyzer()
  const drawing = `
    flow.failed      ====================
      step.a          ==================
  `
  for (let index = 0; index < 10; index += 1)
    take(analyzer, drawn(drawing, { index, everyMs: 10n }))
  const [flow] = analyzer.report().flows
  expect(flow?.concurrency).toMatchObject({
    count: 10,
    maxOpenCount: 2,
    windowMs: 110,
    busyRatio: 1,
  })
  expect(flow?.concurrency?.meanOpenCount).toBeCloseTo(200 / 110, 9)
  expect(flow?.steps[0]?.concurrency).toMatchObject({ count: 10, maxOpenCount: 2 })
})

test('equal sets of spans in any order give an equal report', () => {
  const executions = Array.from({ length: 60 }, (_, index) =>
    drawn(
      `
        flow             ======================
          step.pack       ====================
            acquire       ====
            hold              ==========
      `,
      { index, pool: 'printers', phases: { pack: { resource_wait: 4, work: 16 } } },
    ),
  )
  const random = randomStream(3)
  const reports = [0, 1, 2].map(() => {
    const analyzer = createAnalyzer()
    const spans = executions.flat()
    for (let at = spans.length - 1; at > 0; at -= 1) {
      const other = Math.floor(random() * (at + 1))
      const [a, b] = [spans[at], spans[other]]
      if (a !== undefined && b !== undefined) [spans[at], spans[other]] = [b, a]
    }
    analyzer.ingest(spans, { nowUnixNs: DIAGRAM_START_UNIX_NS })
    analyzer.close(DIAGRAM_START_UNIX_NS + 10_000n * SECOND_NS)
    return analyzer.report()
  })
  expect(reports[1]).toEqual(reports[0])
  expect(reports[2]).toEqual(reports[0])
})

interface Drawing {
  readonly index: number
  /** Starts with this many others, `index` if absent; one a second if nothing else is said. */
  readonly at?: number
  readonly everyMs?: bigint
  readonly flowId?: string
  readonly pool?: string
  /** Steps of a parallel group. */
  readonly grouped?: readonly string[]
  readonly phases?: DrawnPhases
}

/** The drawing as execution `index`. */
function drawn(diagram: string, drawing: Drawing): SpanRecord[] {
  const { index, at = index, everyMs = 1_000n, flowId, pool, grouped = [], phases = {} } = drawing
  const inMs = Object.fromEntries(
    Object.entries(phases).map(([stepId, own]) => [
      stepId,
      Object.fromEntries(Object.entries(own).map(([phase, ms]) => [phase, ms * 1e6])),
    ]),
  )
  const startUnixNs = DIAGRAM_START_UNIX_NS + BigInt(at) * everyMs * MS_NS
  const scaled = (unixNs: bigint) => startUnixNs + (unixNs - DIAGRAM_START_UNIX_NS) * MS_NS
  return spansFromDiagram(diagram, inMs).map((span) => ({
    ...span,
    traceId: (index + 1).toString(16).padStart(32, '0'),
    startUnixNs: scaled(span.startUnixNs),
    endUnixNs: scaled(span.endUnixNs),
    attributes: new Map<string, AttributeValue>([
      ...span.attributes,
      [ATTR_QFLOW_EXECUTION_ID, `execution-${index}`],
      ...(flowId === undefined ? [] : [[ATTR_QFLOW_FLOW_ID, flowId] as const]),
      ...(pool === undefined ? [] : [[ATTR_QFLOW_POOL_NAME, pool] as const]),
      ...(grouped.some((id) => span.name === `execute_step ${id}`)
        ? [[ATTR_QFLOW_STEP_GROUP_ID, 'group-0'] as const]
        : []),
    ]),
  }))
}

/** All at once, and closed. */
function take(analyzer: Analyzer, spans: readonly SpanRecord[]): void {
  const nowUnixNs = DIAGRAM_START_UNIX_NS + 1_000n * SECOND_NS
  analyzer.ingest(spans, { nowUnixNs })
  analyzer.close(nowUnixNs)
}
