import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeJaegerJson } from '../otlp/jaeger-json.ts'
import type { AttributeValue, SpanRecord } from '../otlp/span-record.ts'
import { generatedExecution, shuffled } from '../path/generated-execution.ts'
import { laterOf } from '../time/unix-ns.ts'
import { buildExecution } from '../trace/build-execution.ts'
import type { Execution } from '../trace/execution.ts'
import { spanRecord, spansFromDiagram } from '../trace/trace-diagram.ts'
import { jaegerFile } from './jaeger.ts'

const built = (records: readonly SpanRecord[]): Execution =>
  buildExecution({ tenant: 't', executionId: 'e', records })

/** Through the text of a file, as Jaeger would have it. */
const readBack = (records: readonly SpanRecord[]) =>
  decodeJaegerJson(JSON.parse(JSON.stringify(jaegerFile(records, [built(records)]))))

const drawn = spansFromDiagram(`
      flow      ==========
        step.a   ===
          GET     =
        step.b      =====`).map((span) => ({
  ...span,
  startUnixNs: inMs(span.startUnixNs),
  endUnixNs: inMs(span.endUnixNs),
}))

/** The drawing's ns as ms: Jaeger knows µs only. */
function inMs(unixNs: bigint): bigint {
  const anchorUnixNs = 1_700_000_000_000_000_000n
  return anchorUnixNs + (unixNs - anchorUnixNs) * 1_000_000n
}

test('golden', async () => {
  const text = `${JSON.stringify(jaegerFile(drawn, [built(drawn)]), undefined, 1)}\n`
  await expect(text).toMatchFileSnapshot('golden/jaeger.json')
})

test('the critical path is told by tags, in seconds, and on its spans only', () => {
  const { spans } = readBack(drawn)
  const tags = spans.map(({ name, attributes }) => [
    name,
    attributes.get('qflow.critical_path.member'),
    attributes.get('qflow.critical_path.time'),
  ])
  expect(tags).toEqual([
    ['execute_flow f', true, 0.002],
    ['execute_step a', true, 0.002],
    ['GET', true, 0.001],
    ['execute_step b', true, 0.005],
  ])
  const beside = spansFromDiagram(`
      GET      ====
        a       =
        b      ===`)
  const found = jaegerFile(beside, [built(beside)]).data[0]?.spans ?? []
  const isMarked = ({ tags: own }: (typeof found)[number]) =>
    own.some(({ key }) => key.startsWith('qflow.critical_path'))
  expect(found.filter(isMarked).map(({ operationName }) => operationName)).toEqual(['GET', 'b'])
})

test('marks of an earlier export do not stay', () => {
  const again = readBack(drawn).spans
  expect(jaegerFile(again, [])).toEqual(jaegerFile(drawn, []))
})

test('5,000 generated executions come back equal, ids and times at µs', () => {
  fc.assert(
    fc.property(generatedExecution, fc.nat(), (records, seed) => {
      const inUs = records.map((record) => stretched(record))
      const { spans, rejectedCount } = readBack(shuffled(inUs, seed))
      expect(rejectedCount).toBe(0)
      expect(built(spans.map(withoutMarks))).toEqual(built(inUs.map(asJaegerHasIt)))
    }),
    { numRuns: 5_000, seed: 20261101 },
  )
})

test('every part of a span comes back', () => {
  const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const
  const values: readonly [string, AttributeValue][] = [
    ['text', 'ü\n"'],
    ['number', 5],
    ['big', 9_007_199_254_740_993n],
    ['ratio', 0.1],
    ['huge', 1e300],
    ['none', Number.NaN],
    ['yes', true],
    ['error', 'a text of the user’s own'],
    ['list', [1, 'a', undefined]],
    ['map', new Map([['k', 2n]])],
  ]
  const records = kinds.map((kind, index): SpanRecord => {
    const spanId = `${index + 1}`.padStart(16, '0')
    return {
      ...spanRecord({ spanId, name: kind, attributes: values, startNs: 1_000, endNs: 2_000 }),
      kind,
      status: (['unset', 'ok', 'error'] as const)[index % 3] ?? 'unset',
      traceState: index === 0 ? 'ot=th:8' : '',
      links: [{ traceId: 'b'.repeat(32), spanId: 'c'.repeat(16) }],
      resource: {
        serviceName: `s${index % 2}`,
        attributes: new Map([
          ['host', 'h'],
          ['service.name', `s${index % 2}`],
        ]),
      },
    }
  })
  const { spans } = decodeJaegerJson(JSON.parse(JSON.stringify(jaegerFile(records, []))))
  const asText: [string, AttributeValue][] = [
    ['list', '[1,"a",null]'],
    ['map', '{"k":"2"}'],
  ]
  expect(spans).toEqual(
    records.map((record) => ({ ...record, attributes: new Map([...values, ...asText]) })),
  )
})

test('an error is an error to Jaeger’s page, and no attribute when it comes back', () => {
  const [span] = spansFromDiagram('GET =')
  if (span === undefined) throw new Error('the drawing has a span')
  const failed = { ...span, status: 'error' as const }
  const tags = jaegerFile([failed], []).data[0]?.spans[0]?.tags
  expect(tags).toContainEqual({ key: 'error', type: 'bool', value: true })
  expect(decodeJaegerJson(jaegerFile([failed], [])).spans).toMatchObject([
    { status: 'error', attributes: new Map() },
  ])
})

test('a span that has not ended says so; of two records of one span the fuller is written', () => {
  const [span] = spansFromDiagram('GET ====')
  if (span === undefined) throw new Error('the drawing has a span')
  const open = { ...span, endUnixNs: 0n }
  expect(jaegerFile([open], []).data[0]?.spans).toMatchObject([
    { duration: 0, warnings: ['the span has not ended'] },
  ])
  expect(jaegerFile([open, span], [])).toEqual(jaegerFile([span], []))
})

/** ns become µs, with something below them. */
function stretched(record: SpanRecord): SpanRecord {
  const at = (unixNs: bigint) =>
    unixNs === 0n ? 0n : unixNs * 1_000n - 1_699_998_300_000_000_000_000n + 300n
  return { ...record, startUnixNs: at(record.startUnixNs), endUnixNs: at(record.endUnixNs) }
}

function asJaegerHasIt(record: SpanRecord): SpanRecord {
  const inUs = (unixNs: bigint) => (unixNs / 1_000n) * 1_000n
  const startUnixNs = inUs(record.startUnixNs)
  const endUnixNs = inUs(record.endUnixNs)
  return { ...record, startUnixNs, endUnixNs: laterOf(startUnixNs, endUnixNs) }
}

function withoutMarks(record: SpanRecord): SpanRecord {
  const own = [...record.attributes].filter(([key]) => !key.startsWith('qflow.critical_path'))
  return { ...record, attributes: new Map(own) }
}
