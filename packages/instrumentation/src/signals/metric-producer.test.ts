import type { Attributes } from '@opentelemetry/api'
import {
  AggregationTemporality,
  type HistogramMetricData,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricProducer,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chainOf, TestEngine } from '../test-engine.ts'
import { createTestTelemetry, instrument } from '../test-telemetry.ts'
import { describeMetric, stepBuckets } from './metric-descriptions.ts'
import { QflowMetricProducer } from './metric-producer.ts'

const METRIC = 'qflow.step.duration'

describe.each(['cumulative', 'delta'] as const)('%s', (temporality) => {
  test('points are those of the SDK’s own histogram', async () => {
    const attributeSets: Attributes[] = [{ 'qflow.step.id': 'a' }, { 'qflow.step.id': 'b' }, {}]
    const seconds = fc.oneof(
      fc.constantFrom(...stepBuckets, 0),
      fc.double({ min: 0, max: 1e5, noNaN: true }),
    )
    const records = fc.array(fc.tuple(fc.constantFrom(...attributeSets), seconds))
    await fc.assert(
      fc.asyncProperty(fc.array(records, { minLength: 1, maxLength: 4 }), async (collections) => {
        const producer = new QflowMetricProducer({ temporality })
        const { reader, exporter, meterProvider } = createReader(temporality, producer)
        const histogram = meterProvider.getMeter('oracle').createHistogram(METRIC, {
          ...describeMetric(METRIC),
          advice: { explicitBucketBoundaries: [...stepBuckets] },
        })
        for (const recorded of collections) {
          for (const [attributes, value] of recorded) {
            producer.record(value, attributes)
            histogram.record(value, attributes)
          }
          await reader.forceFlush()
        }
        for (const collected of exporter.getMetrics()) {
          const scopes = collected.scopeMetrics
          const ofScope = (name: string) =>
            scopes.find(({ scope }) => scope.name === name)?.metrics[0] as
              | HistogramMetricData
              | undefined
          expect(withoutTimes(ofScope('@qflow-otel/instrumentation'))).toEqual(
            withoutTimes(ofScope('oracle')),
          )
        }
        await meterProvider.shutdown()
      }),
      { numRuns: 100, seed: 1 },
    )
  })
})

test('a delta begins where the collection before ended, or later', async () => {
  const producer = new QflowMetricProducer({ temporality: 'delta' })
  const attributes = {}
  producer.record(1, attributes)
  const before = pointOf(await producer.collect())
  producer.record(2, attributes)
  const after = pointOf(await producer.collect())
  expect(after?.value).toMatchObject({ count: 1, sum: 2 })
  expect(nanos(after?.startTime) >= nanos(before?.endTime)).toBe(true)
  expect((await producer.collect()).resourceMetrics.scopeMetrics).toEqual([])
})

test('steps are summed in the producer alone, up to those that have ended in this very turn', async () => {
  const producer = new QflowMetricProducer()
  const engine = new TestEngine()
  const telemetry = createTestTelemetry()
  const handle = instrument(engine, telemetry, { metricProducer: producer })
  engine.registerFlow(chainOf('f', 'a', 'b'))
  let counted: ReturnType<typeof producer.collect> | undefined
  engine.work = ({ id }) => {
    if (id === 'b') counted = producer.collect()
  }
  await engine.startExecution('f', {})
  await engine.idle()
  expect((await counted)?.resourceMetrics.scopeMetrics[0]?.metrics[0]).toMatchObject({
    descriptor: { name: METRIC, unit: 's' },
    dataPoints: [
      { attributes: { 'qflow.flow.id': 'f', 'qflow.step.id': 'a' }, value: { count: 1 } },
    ],
  })
  expect(await telemetry.metric(METRIC)).toEqual([])
  handle.disable()
})

test('a temporality that there is not is refused', () => {
  expect(() => new QflowMetricProducer({ temporality: 'sum' as 'delta' })).toThrow(
    'expected temporality to be cumulative or delta, found sum',
  )
})

function createReader(temporality: 'cumulative' | 'delta', producer: MetricProducer) {
  const exporter = new InMemoryMetricExporter(
    temporality === 'delta' ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
  )
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 3_600_000,
    metricProducers: [producer],
  })
  return { exporter, reader, meterProvider: new MeterProvider({ readers: [reader] }) }
}

/** The clock is read by both at their own moments, and the SDK lists series in its own order. */
function withoutTimes(metric: HistogramMetricData | undefined) {
  if (metric === undefined) return undefined
  const { aggregationTemporality, dataPointType, descriptor, dataPoints } = metric
  const { name, unit, description, valueType } = descriptor
  const points = dataPoints
    .map(({ attributes, value }) => ({
      key: JSON.stringify(attributes),
      // The SDK adds collections up, we add records up: the last digits of a sum depend on the order.
      value: { ...value, sum: Number((value.sum ?? 0).toPrecision(12)) },
    }))
    .sort((a, b) => a.key.localeCompare(b.key))
  return {
    aggregationTemporality,
    dataPointType,
    descriptor: { name, unit, description, valueType },
    points,
  }
}

function pointOf(collected: Awaited<ReturnType<QflowMetricProducer['collect']>>) {
  return collected.resourceMetrics.scopeMetrics[0]?.metrics[0]?.dataPoints[0]
}

function nanos([seconds, nanos]: readonly [number, number] = [0, 0]): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos)
}
