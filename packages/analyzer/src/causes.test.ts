import { describe, expect, test } from 'vitest'
import type { Analyzer, AnalyzerSnapshot } from './analyzer.ts'
import { createAnalyzer } from './create-analyzer.ts'
import type { Regression } from './detect/finding.ts'
import type { AttributeValue, Resource, SpanRecord } from './otlp/span-record.ts'
import { simulatedSpans } from './simulated-spans.ts'
import { normal, randomStream } from './stats/random-stream.ts'

const START = 1_700_000_000_000_000_000n
const SECOND = 1_000_000_000n
const CALM_COUNT = 80

/** An execution of three steps, as its spans say it was. */
interface Run {
  readonly version?: string
  readonly node?: string
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  readonly status?: string
  /** By step; 20 ms where nothing is said. */
  readonly meanMs?: Readonly<Record<string, number>>
}

/** Feeds executions, one a second, and closes them; the regressions that are open then. */
function regressionsOf(
  runs: readonly Run[],
  { before }: { readonly before?: (analyzer: Analyzer) => void } = {},
): { readonly analyzer: Analyzer; readonly regressions: readonly Regression[] } {
  const analyzer = createAnalyzer()
  before?.(analyzer)
  feed(analyzer, runs, 0)
  analyzer.close(startOf(runs.length + 100))
  const regressions = analyzer.findings().flatMap((one) => (one.kind === 'regression' ? [one] : []))
  return { analyzer, regressions }
}

function feed(analyzer: Analyzer, runs: readonly Run[], from: number): void {
  for (const [at, run] of runs.entries()) {
    analyzer.ingest(spansOf(run, from + at), { nowUnixNs: startOf(from + at + 1) })
    analyzer.advance(startOf(from + at + 1))
  }
}

function startOf(index: number): bigint {
  return START + BigInt(index) * SECOND
}

function spansOf(
  { version = '1.0.0', node = 'a', attributes = {}, meanMs = {}, status = 'completed' }: Run,
  index: number,
) {
  const random = randomStream(index + 1)
  const steps = ['reserve', 'charge', 'pack'].map((id) => ({
    id,
    durationMs: (meanMs[id] ?? 20) * Math.exp(0.1 * normal(random)),
  }))
  const spans = simulatedSpans({ index, startUnixNs: startOf(index), steps, status })
  const resource: Resource = {
    serviceName: 'shop',
    attributes: new Map([
      ['service.version', version],
      ['host.name', node],
    ]),
  }
  return spans.map((span): SpanRecord => {
    const isRoot = span.parentSpanId === undefined
    const own = isRoot
      ? new Map([...span.attributes, ...Object.entries(attributes)])
      : span.attributes
    return { ...span, resource, attributes: own }
  })
}

/** As many runs as the second says, each made from its index. */
function runs(count: number, run: (index: number) => Run): Run[] {
  return Array.from({ length: count }, (_, index) => run(index))
}

const isSlow = (index: number) => index >= CALM_COUNT

test('a new version of the code with which a step became slow', () => {
  const { regressions, analyzer } = regressionsOf(
    runs(130, (index) =>
      isSlow(index) ? { version: '1.1.0', meanMs: { charge: 60 } } : { version: '1.0.0' },
    ),
  )
  expect(regressions).toHaveLength(1)
  const [main, place] = regressions[0]?.causes ?? []
  expect(main).toMatchObject({ kind: 'code_version', from: '1.0.0', to: '1.1.0', basis: 'onset' })
  expect(main?.share).toBeGreaterThan(0.8)
  expect(main?.executionIds).toHaveLength(3)
  expect(place).toMatchObject({ kind: 'place', stepId: 'charge' })
  expect(regressions[0]?.sentence).toContain('; cause: code version 1.1.0')
  expect(analyzer.report().flows[0]?.deployments).toMatchObject([
    { kind: 'code_version', name: '1.1.0', previous: '1.0.0' },
  ])
})

test('a version that was rolled out long before is left alone', () => {
  const { regressions } = regressionsOf(
    runs(130, (index) => ({
      version: index < 40 ? '1.0.0' : '1.1.0',
      ...(isSlow(index) && { meanMs: { charge: 60 } }),
    })),
  )
  expect(regressions[0]?.causes.map(({ kind }) => kind)).toEqual(['place'])
})

test('a canary: one in three executions runs the new version, and they alone are slow', () => {
  const { regressions } = regressionsOf(
    runs(220, (index) =>
      isSlow(index) && index % 2 === 0
        ? { version: '1.1.0', meanMs: { charge: 80 } }
        : { version: '1.0.0' },
    ),
  )
  expect(regressions[0]?.causes[0]).toMatchObject({
    kind: 'code_version',
    to: '1.1.0',
    basis: 'concurrent',
  })
})

test('a version of the flow with another step says which', () => {
  const step = (id: string, onSuccess?: string) => ({
    id,
    type: 'task',
    action: 'call',
    ...(onSuccess !== undefined && { onSuccess }),
  })
  const definition = (version: string, steps: ReturnType<typeof step>[]) => ({
    flowId: 'order',
    version,
    sha256: version.repeat(64).slice(0, 64),
    steps,
  })
  const analyzer = createAnalyzer()
  const old = [step('reserve', 'charge'), step('charge', 'pack'), step('pack')]
  analyzer.define(definition('1', old), {})
  analyzer.define(
    definition('2', [step('reserve', 'inspect'), step('inspect', 'charge'), ...old.slice(1)]),
    {},
  )
  for (let index = 0; index < 130; index += 1) {
    const [version, ids] = isSlow(index)
      ? ['2', ['reserve', 'inspect', 'charge', 'pack']]
      : ['1', ['reserve', 'charge', 'pack']]
    const random = randomStream(index)
    const steps = ids.map((id) => ({ id, durationMs: 20 * Math.exp(0.1 * normal(random)) }))
    const spans = simulatedSpans({ index, startUnixNs: startOf(index), steps }).map((span) => ({
      ...span,
      attributes: new Map([...span.attributes, ['qflow.flow.version', version]]),
    }))
    analyzer.ingest(spans, { nowUnixNs: startOf(index + 1) })
    analyzer.advance(startOf(index + 1))
  }
  analyzer.close(startOf(400))
  const [main] = analyzer.findings().flatMap((one) => (one.kind === 'regression' ? one.causes : []))
  expect(main).toMatchObject({
    kind: 'flow_version',
    from: '1',
    to: '2',
    difference: { added: ['inspect'], removed: [], changed: [], reordered: [], rewired: [] },
    words: 'flow version 2 (adds inspect)',
  })
})

test('a value of an attribute that a hook sets', () => {
  const { regressions } = regressionsOf(
    runs(240, (index) => {
      const tier = index % 5 < 2 ? 'free' : 'pro'
      const attributes = { 'app.tier': tier, 'app.order': `order-${index}` }
      return isSlow(index) && tier === 'pro' ? { attributes, meanMs: { pack: 60 } } : { attributes }
    }),
  )
  expect(regressions[0]?.causes[0]).toMatchObject({
    kind: 'attribute',
    key: 'app.tier',
    value: 'pro',
    words: 'app.tier = pro',
  })
})

test('a slow machine: all steps of its executions, and of no other', () => {
  const all = { reserve: 50, charge: 50, pack: 50 }
  const { regressions } = regressionsOf(
    runs(240, (index) => {
      const node = index % 2 === 0 ? 'a' : 'b'
      return isSlow(index) && node === 'b' ? { node, meanMs: all } : { node }
    }),
  )
  expect(regressions[0]?.causes[0]).toMatchObject({ kind: 'host', node: 'b' })
})

test('all steps of all executions: the host', () => {
  const all = { reserve: 40, charge: 40, pack: 40 }
  const { regressions } = regressionsOf(
    runs(130, (index) => (isSlow(index) ? { meanMs: all } : {})),
  )
  expect(regressions[0]?.causes[0]).toMatchObject({ kind: 'host', node: undefined })
})

test('more of the slow inputs is no regression: it is told as what it is', () => {
  const { regressions, analyzer } = regressionsOf(
    runs(160, (index) => {
      const isLarge = isSlow(index) ? index % 5 !== 0 : index % 5 === 0
      const attributes = { 'app.size': isLarge ? 'large' : 'small' }
      return isLarge ? { attributes, meanMs: { pack: 100 } } : { attributes }
    }),
  )
  expect(regressions).toEqual([])
  const [flow] = analyzer.report().flows
  expect(flow?.mixShifts).toMatchObject([{ key: 'app.size', value: 'large' }])
  const [shift] = flow?.mixShifts ?? []
  expect(shift?.shareAfter).toBeGreaterThan(0.6)
  expect(shift?.sentence).toContain('app.size = large is')
  expect(analyzer.why({ flowId: 'order' })?.facts.at(-1)).toBe(shift?.sentence)
})

test('a new version with which executions fail', () => {
  const random = randomStream(7)
  const { regressions } = regressionsOf(
    runs(280, (index) => ({
      version: index < 40 ? '1.0.0' : index < 200 ? '1.1.0' : '1.2.0',
      status: random() < (index < 200 ? 0.02 : 0.5) ? 'failed' : 'completed',
    })),
  )
  const found = regressions.find(({ metric }) => metric === 'error_rate')
  expect(found?.causes).toMatchObject([{ kind: 'code_version', from: '1.1.0', to: '1.2.0' }])
  expect(found?.sentence).toContain('; cause: code version 1.2.0')
})

describe('marks', () => {
  const slowFrom80 = runs(130, (index) => (isSlow(index) ? { meanMs: { charge: 60 } } : {}))

  test('one that was set when a change began is its cause; others of the tenant are not', () => {
    const { regressions } = regressionsOf(slowFrom80, {
      before: (analyzer) => {
        analyzer.mark({ unixNs: startOf(30), text: 'earlier' })
        analyzer.mark({ unixNs: startOf(CALM_COUNT), text: 'database moved' })
        analyzer.mark({ unixNs: startOf(CALM_COUNT), text: 'elsewhere', flowId: 'refund' })
        analyzer.mark({ unixNs: startOf(CALM_COUNT), text: 'not ours', tenant: 'other' })
      },
    })
    const who = regressions[0]?.causes.filter(({ kind }) => kind !== 'place')
    expect(who).toMatchObject([{ kind: 'mark', text: 'database moved' }])
  })

  test('one shortly before a change is told beside it, and is no cause', () => {
    const { regressions } = regressionsOf(slowFrom80, {
      before: (analyzer) => {
        analyzer.mark({ unixNs: startOf(CALM_COUNT - 6), text: 'payment client 2.4 rolled out' })
        analyzer.mark({ unixNs: startOf(CALM_COUNT - 3), text: 'elsewhere', flowId: 'refund' })
      },
    })
    const [found] = regressions
    expect(found?.causes.map(({ kind }) => kind)).not.toContain('mark')
    expect(found?.sentence).toMatch(
      /; \d(\.\d+)? s before it began: "payment client 2.4 rolled out"$/,
    )
  })

  test('survive a snapshot, are bounded, and the same one is kept once', () => {
    const first = createAnalyzer()
    for (let index = 0; index < 300; index += 1)
      first.mark({ unixNs: startOf(index), text: `deploy ${index}` })
    first.mark({ unixNs: startOf(299), text: 'deploy 299' })
    expect(first.losses().unjudged).toMatchObject({ mark_limit: 44 })
    const stored: AnalyzerSnapshot = JSON.parse(JSON.stringify(first.snapshot()))
    expect(stored.marks).toHaveLength(256)
    const second = createAnalyzer({}, stored)
    expect(JSON.stringify(second.snapshot())).toBe(JSON.stringify(stored))
    feed(
      second,
      runs(3, () => ({})),
      0,
    )
    second.close(startOf(10))
    const told = second.report().flows[0]?.deployments
    expect(told).toHaveLength(20)
    expect(told?.at(-1)).toMatchObject({ kind: 'mark', name: 'deploy 299' })
  })

  test('a broken one in a snapshot is refused', () => {
    const whole = createAnalyzer().snapshot()
    const broken = { ...whole, marks: [{ tenant: 'a', text: 'x' }] }
    expect(() => createAnalyzer({}, broken)).toThrow('marks[0].unixNs')
  })
})

test('causes are the same wherever a snapshot is taken', () => {
  const all = runs(150, (index) =>
    isSlow(index) ? { version: '1.1.0', node: index % 2 ? 'a' : 'b', meanMs: { charge: 60 } } : {},
  )
  const through = createAnalyzer()
  feed(through, all, 0)
  for (const at of [60, 90, 110]) {
    const first = createAnalyzer()
    feed(first, all.slice(0, at), 0)
    first.close(startOf(at))
    const second = createAnalyzer({}, JSON.parse(JSON.stringify(first.snapshot())))
    feed(second, all.slice(at), at)
    const causesOf = (analyzer: Analyzer) =>
      analyzer.findings().flatMap((one) => (one.kind === 'regression' ? one.causes : []))
    expect(causesOf(second)).toEqual(causesOf(through))
  }
})
