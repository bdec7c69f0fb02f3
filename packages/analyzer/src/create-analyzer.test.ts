import {
  ATTR_QFLOW_STEP_PHASE_RESOURCE_WAIT,
  ATTR_QFLOW_STEP_PHASE_WORK,
} from '@qflow-otel/semconv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Analyzer, AnalyzerChange, AnalyzerSnapshot } from './analyzer.ts'
import { createAnalyzer } from './create-analyzer.ts'
import type { SpanRecord } from './otlp/span-record.ts'
import { plain } from './plain.ts'
import { type SimulatedStep, simulatedSpans } from './simulated-spans.ts'
import { SnapshotError } from './snapshot-error.ts'
import { normal, type RandomStream, randomStream } from './stats/random-stream.ts'

const START = 1_700_000_000_000_000_000n
const SECOND = 1_000_000_000n
const AFTER_ALL = START + 10_000n * SECOND

describe('a dependency that becomes three times as slow at execution 60', () => {
  const changes = feed(createAnalyzer(), { count: 140, slowFrom: 60 })
  const regressions = changes.filter(({ finding }) => finding.kind === 'regression')

  test('is opened once, at its onset, with place, class and effect', () => {
    const opened = regressions.filter(({ change }) => change === 'opened')
    expect(opened).toHaveLength(1)
    expect(opened[0]?.finding).toMatchObject({
      direction: 'regression',
      metric: 'duration',
      class: 'io',
      onsetExecutionId: 'execution-60',
      place: { flowId: 'order', stepId: 'charge', phase: 'work', spanName: 'GET payments' },
    })
  })

  test('is told again at most every 50 executions', () => {
    expect(regressions.length).toBeLessThanOrEqual(1 + 80 / 50)
  })

  test('is split exactly over the path', () => {
    const finding = regressions.at(-1)?.finding
    if (finding?.kind !== 'regression') throw new Error('no regression was told')
    const sum = finding.contributions.reduce((total, { changeMs }) => total + changeMs, 0)
    expect(sum).toBeCloseTo(finding.evidence.figures['meanChangeMs'] ?? Number.NaN, 9)
    expect(finding.contributions[0]).toMatchObject({ stepId: 'charge', spanName: 'GET payments' })
  })

  test('has advice with a gain', () => {
    const advised = changes.flatMap(({ finding }) =>
      finding.kind === 'recommendation' ? [finding.action] : [],
    )
    expect(advised).toContain('speed-up-dependency')
    expect(advised).toContain('enlarge-pool')
  })
})

describe('a fault that is mended, in a flow of which every fifth execution takes another branch', () => {
  const analyzer = createAnalyzer({ alertThreshold: 0.25 })
  const heard = new Map<string, number>()
  for (let index = 0; index < 280; index += 1) {
    for (const { change, finding } of tick(analyzer, checkout(index))) {
      if (finding.kind === 'regression') heard.set(change, index)
    }
  }

  test('is told, and within 30 executions of its end and the 5 s of lateness told to be over', () => {
    expect([...heard.keys()].filter((change) => change !== 'updated')).toEqual([
      'opened',
      'resolved',
    ])
    expect(heard.get('opened')).toBeLessThan(80 + 20)
    expect(heard.get('resolved')).toBeGreaterThan(200)
    expect(heard.get('resolved')).toBeLessThanOrEqual(200 + 30 + 5)
  })

  test('stays in the report as resolved, and is no answer to why any more', () => {
    const { findings } = analyzer.report()
    expect(analyzer.findings()).toEqual(findings)
    const regressions = findings.filter(({ kind }) => kind === 'regression')
    expect(regressions.map(({ state }) => state)).toEqual(['resolved'])
    expect(regressions[0]?.sentence).toContain('is back')
    expect(analyzer.why({ flowId: 'checkout' })?.headline).not.toContain('slower')
  })

  /** One a second, 12 ms of jitter, the payment four times as slow from 80 to 200. */
  function checkout(index: number): SpanRecord[] {
    const jitter = randomStream(index + 1)
    const around = (ms: number) => ms + 4 * jitter()
    const isSlow = index >= 80 && index < 200
    const steps = [
      { id: 'reserve', durationMs: around(45) },
      ...(index % 5 === 0 ? [{ id: 'review', durationMs: around(22) }] : []),
      { id: 'charge', durationMs: around(isSlow ? 245 : 65) },
      { id: 'receipt', durationMs: around(32) },
    ]
    return simulatedSpans({
      index,
      startUnixNs: START + BigInt(index) * SECOND,
      steps,
      flowId: 'checkout',
    })
  }
})

describe('determinism', () => {
  const spans = executions({ count: 110, slowFrom: 60 }).flat()
  const expected = snapshotText(closed(spans, [spans.length]))

  test('any order and batching of spans gives byte-identical findings', () => {
    const order = fc.shuffledSubarray(
      spans.map((_, index) => index),
      { minLength: spans.length },
    )
    const cuts = fc.array(fc.integer({ min: 0, max: spans.length }), { maxLength: 6 })
    fc.assert(
      fc.property(order, cuts, (indexes, ends) => {
        const shuffled = indexes.flatMap((index) => spans[index] ?? [])
        expect(snapshotText(closed(shuffled, ends))).toBe(expected)
      }),
      { numRuns: 10 },
    )
  })

  test('advancing as executions end tells the same as closing at the end', () => {
    const live = createAnalyzer()
    const told = feed(live, { count: 110, slowFrom: 60 })
    const late = createAnalyzer()
    late.ingest(spans, { nowUnixNs: AFTER_ALL })
    expect(text(told)).toBe(text(late.close(AFTER_ALL)))
    expect(snapshotText(live)).toBe(expected)
  })

  test('a snapshot continues as if nothing had happened, wherever it is taken', () => {
    for (const at of [10, 29, 45, 62, 70, 100]) {
      const plan = { count: 110, slowFrom: 60 }
      const first = createAnalyzer()
      const before = feed(first, { ...plan, to: at })
      const stored: AnalyzerSnapshot = JSON.parse(JSON.stringify(first.snapshot()))
      const second = createAnalyzer({}, stored)
      expect(JSON.stringify(second.snapshot())).toBe(JSON.stringify(stored))
      const after = feed(second, { ...plan, from: at })
      const through = createAnalyzer()
      expect(text([...before, ...after])).toBe(text(feed(through, plan)))
      expect(snapshotText(second)).toBe(snapshotText(through))
    }
  })
})

describe('the report', () => {
  test('says learning, how much is left, and never judges before', () => {
    const analyzer = createAnalyzer({ minSampleSize: 30 })
    feed(analyzer, { count: 12, slowFrom: 5 })
    const [flow] = analyzer.report().flows
    expect(flow).toMatchObject({ state: 'learning', learningLeftCount: 18, executionCount: 12 })
    expect(flow?.durationMs.p99?.high).toBeUndefined()
    expect(analyzer.why({ flowId: 'order' })?.headline).toContain('still being learned')
  })

  test("the critical path's parts sum to the mean duration", () => {
    const analyzer = createAnalyzer()
    feed(analyzer, { count: 40, slowFrom: 1_000 })
    const [flow] = analyzer.report().flows
    const sum = flow?.criticalPath.reduce((total, { meanMs }) => total + meanMs, 0)
    const all = analyzer.executions({ limit: 100 })
    const mean = all.reduce((total, { durationMs = 0 }) => total + durationMs, 0) / all.length
    expect(sum).toBeCloseTo(mean, 9)
    expect(flow?.steps.map(({ stepId }) => stepId)).toEqual(['check', 'charge', 'ship'])
  })

  test('failed executions are counted and not judged', () => {
    const analyzer = createAnalyzer()
    const steps = [{ id: 'charge', durationMs: 1 }]
    for (let index = 0; index < 5; index += 1) {
      const startUnixNs = START + BigInt(index) * SECOND
      const spans = simulatedSpans({ index, startUnixNs, steps, status: 'failed' })
      analyzer.ingest(spans, { nowUnixNs: startUnixNs })
    }
    analyzer.close(AFTER_ALL)
    const report = analyzer.report()
    expect(report.flows[0]).toMatchObject({ executionCount: 5, failedCount: 5 })
    expect(report.flows[0]?.durationMs.p50).toBeUndefined()
    expect(report.losses.unjudged).toEqual({ failed: 5 })
  })

  test('flows beyond the bound are counted', () => {
    const analyzer = createAnalyzer({ maxFlowCount: 1 })
    for (const [index, flowId] of ['a', 'b'].entries()) {
      const steps = [{ id: 'x', durationMs: 5 }]
      const startUnixNs = START + BigInt(index) * SECOND
      analyzer.ingest(simulatedSpans({ index, startUnixNs, steps, flowId }), {
        nowUnixNs: startUnixNs,
      })
    }
    analyzer.close(AFTER_ALL)
    expect(analyzer.report().flows.map(({ flowId }) => flowId)).toEqual(['a'])
    expect(analyzer.losses().unjudged).toMatchObject({ flow_limit: 1 })
  })

  test('tenants are kept apart', () => {
    const analyzer = createAnalyzer()
    const [spans = []] = executions({ count: 1, slowFrom: 10 })
    analyzer.ingest(spans, { tenant: 'a', nowUnixNs: START })
    analyzer.close(AFTER_ALL)
    expect(analyzer.report('b').flows).toEqual([])
    expect(analyzer.report('a').flows).toHaveLength(1)
    expect(analyzer.executions({ tenant: 'b' })).toEqual([])
    expect(analyzer.execution({ executionId: 'execution-0' })).toBeUndefined()
    expect(analyzer.execution({ tenant: 'a', executionId: 'execution-0' })).toBeDefined()
  })
})

describe('why', () => {
  const analyzer = createAnalyzer()
  feed(analyzer, { count: 120, slowFrom: 60 })

  test('an execution: what it waited for, against the others', () => {
    const answer = analyzer.why({ executionId: 'execution-110' })
    expect(answer?.headline).toMatch(/took .* more than the median, mostly in span GET payments/)
    expect(answer?.facts.join('\n')).toContain('span GET payments in step charge')
    expect(answer?.evidence.traceIds).toHaveLength(1)
  })

  test('a flow: the change first', () => {
    const answer = analyzer.why({ flowId: 'order' })
    expect(answer?.headline).toMatch(
      /^order is .* slower .* since \d\d:\d\d:\d\d UTC: mean \+\S+ ms, of which charge › GET payments \+/,
    )
    expect(new Set(answer?.facts).size).toBe(answer?.facts.length)
  })

  test('nothing known is no answer', () => {
    expect(analyzer.why({ flowId: 'nobody' })).toBeUndefined()
    expect(analyzer.why({ executionId: 'nobody' })).toBeUndefined()
  })

  test('an execution report compares and carries its path', () => {
    const report = analyzer.execution({ executionId: 'execution-110' })
    expect(report?.path.length).toBeGreaterThan(3)
    expect(report?.comparison?.n).toBe(119)
    expect(report?.comparison?.excess[0]).toMatchObject({ stepId: 'charge' })
    expect(() => JSON.stringify(plain(report))).not.toThrow()
  })

  test('an execution that only started is running', () => {
    const started = {
      executionId: 'new',
      flowId: 'order',
      flowVersion: '1',
      traceId: 'f'.repeat(32),
    }
    analyzer.noteStarted({ ...started, startUnixNs: AFTER_ALL }, { nowUnixNs: AFTER_ALL })
    const [newest] = analyzer.executions({ limit: 1 })
    expect(newest).toMatchObject({ executionId: 'new', durationMs: undefined })
    expect(analyzer.why({ executionId: 'new' })?.headline).toContain('still runs')
  })
})

const whole = createAnalyzer().snapshot()

test.each([
  [null, 'expected an object, found nothing'],
  [[], 'expected an object, found an array of 0'],
  [{}, 'expected version 3, found nothing at version'],
  [{ ...whole, version: 2 }, 'expected version 3, found 2 at version'],
  [{ ...whole, flows: null }, 'expected an array, found nothing at flows'],
  [{ ...whole, flows: [1] }, 'expected a flow, found 1 at flows[0]'],
  [
    { ...whole, flows: [{ tenant: 'a', flowId: 'f' }] },
    'expected an array, found nothing at flows[0].definitions',
  ],
  [{ ...whole, alerts: [{}] }, 'expected a string, found nothing at alerts[0].tenant'],
])('a snapshot that is none is refused: %j', (snapshot, message) => {
  // What stands in a file may be anything; the type says what it should be.
  const restore = () => createAnalyzer({}, snapshot as AnalyzerSnapshot)
  expect(restore).toThrow(SnapshotError)
  expect(restore).toThrow(message)
})

test.each<[at: string, spoil: (series: SavedSeries[]) => void]>([
  ['', ([first]) => Object.assign(first?.state ?? {}, { sums: [1] })],
  ['[1]', (series) => Object.assign(series, { 1: 7 })],
  ['[0].state', ([first]) => Object.assign(first ?? {}, { state: undefined })],
  ['[0].state.baseline', ([first]) => Object.assign(first?.state ?? {}, { baseline: [] })],
  [
    '[0].state.whitening.leftover',
    ([first]) => Object.assign(first?.state.whitening ?? {}, { leftover: 1 }),
  ],
])('a snapshot with a series that is none of ours is refused, at series%s', (at, spoil) => {
  const analyzer = createAnalyzer()
  feed(analyzer, { count: 5, slowFrom: 5 })
  const stored = JSON.parse(JSON.stringify(analyzer.snapshot()))
  spoil(stored.flows[0].watch.detector.series)
  const restore = () => createAnalyzer({}, stored)
  expect(restore).toThrow(SnapshotError)
  expect(restore).toThrow(`at flows[0].watch.detector.series${at}`)
})

/** As much of a series in a snapshot as is spoilt here. */
interface SavedSeries {
  readonly state: { readonly whitening: object }
}

/** Executions one a second, spans given out at their end, `advance` each second, all closed at the last. */
function feed(
  analyzer: Analyzer,
  plan: { count: number; slowFrom: number; from?: number; to?: number },
): AnalyzerChange[] {
  const { from = 0, to = plan.count } = plan
  const changes: AnalyzerChange[] = []
  for (const [index, spans] of executions(plan).entries()) {
    if (index < from || index >= to) continue
    changes.push(...tick(analyzer, spans))
  }
  const isLast = to === plan.count
  return isLast ? [...changes, ...analyzer.close(AFTER_ALL)] : changes
}

/** One execution, given out a second after its start. */
function tick(analyzer: Analyzer, spans: readonly SpanRecord[]): readonly AnalyzerChange[] {
  const now = (spans.at(-1)?.startUnixNs ?? START) + SECOND
  analyzer.ingest(spans, { nowUnixNs: now })
  return analyzer.advance(now)
}

function closed(spans: readonly SpanRecord[], ends: readonly number[]): Analyzer {
  const analyzer = createAnalyzer()
  const cuts = [...new Set([0, ...ends, spans.length])].sort((a, b) => a - b)
  for (const [index, cut] of cuts.entries()) {
    analyzer.ingest(spans.slice(cut, cuts[index + 1]), { nowUnixNs: START })
  }
  analyzer.close(AFTER_ALL)
  return analyzer
}

function executions(plan: { count: number; slowFrom: number }): SpanRecord[][] {
  const random = randomStream(4)
  return Array.from({ length: plan.count }, (_, index) =>
    simulatedSpans({
      index,
      startUnixNs: START + BigInt(index) * SECOND,
      steps: orderSteps(random, index >= plan.slowFrom ? 3 : 1),
    }),
  )
}

function orderSteps(random: RandomStream, slowness: number): SimulatedStep[] {
  const around = (ms: number) => ms * Math.exp(0.2 * normal(random))
  const [check, charge, ship] = [around(6), around(40) * slowness, around(30)]
  return [
    { id: 'check', durationMs: check, attributes: { [ATTR_QFLOW_STEP_PHASE_WORK]: check / 1e3 } },
    {
      id: 'charge',
      durationMs: charge + 3,
      attributes: { [ATTR_QFLOW_STEP_PHASE_WORK]: (charge + 3) / 1e3 },
      child: { name: 'GET payments', kind: 'client', durationMs: charge },
    },
    {
      id: 'ship',
      durationMs: ship,
      attributes: {
        [ATTR_QFLOW_STEP_PHASE_RESOURCE_WAIT]: (0.6 * ship) / 1e3,
        [ATTR_QFLOW_STEP_PHASE_WORK]: (0.4 * ship) / 1e3,
      },
    },
  ]
}

function text(changes: readonly AnalyzerChange[]): string {
  return JSON.stringify(plain(changes), undefined, 1)
}

function snapshotText(analyzer: Analyzer): string {
  return JSON.stringify(analyzer.snapshot())
}
