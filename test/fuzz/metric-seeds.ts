import { encodeRequest } from '../../packages/analyzer/src/otlp/otlp-proto.ts'
import type { RandomStream } from '../../packages/analyzer/src/stats/random-stream.ts'
import { below, pick } from './mutations.ts'

const SEED_COUNT = 60
const NAMES = ['qflow.process.heap.after_gc', 'qflow.process.heap.limit', 'qflow.process.heap.othe']
const KINDS = ['gauge', 'gauge', 'gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary']

/** Requests of metrics that mutations start from: heaps among others. */
export function metricValues(random: RandomStream): readonly object[] {
  return Array.from({ length: SEED_COUNT }, () => ({
    resourceMetrics: listOf(random, () => ({
      resource: { attributes: listOf(random, () => attribute(random)) },
      scopeMetrics: listOf(random, () => ({ metrics: listOf(random, () => metric(random)) })),
    })),
  }))
}

export function metricBodies(values: readonly object[]): readonly Uint8Array[] {
  return values.map((value) => encodeRequest('Metrics', value)).filter(({ length }) => length > 0)
}

function metric(random: RandomStream): object {
  return {
    name: pick(random, NAMES),
    [pick(random, KINDS)]: { dataPoints: listOf(random, () => point(random)) },
  }
}

function point(random: RandomStream): object {
  const value = pick(random, [
    { asInt: String(below(random, 2 ** 40)) },
    { asDouble: random() * 2 ** 40 },
    { asInt: '-1' },
    {},
  ])
  return { timeUnixNano: '1767600000000000000', ...value, ...(random() < 0.1 && { flags: 1 }) }
}

function attribute(random: RandomStream): object {
  const key = pick(random, ['service.name', 'service.instance.id', 'host.name', 'process.pid'])
  const value = pick(random, [{ stringValue: 'shop' }, { intValue: '17' }, {}])
  return { key, value }
}

function listOf(random: RandomStream, make: () => object): readonly object[] {
  return Array.from({ length: below(random, 4) }, make)
}
