import { registry } from '@qflow-otel/semconv'
import { expect, test } from 'vitest'
import { Accounting } from '../accounting.ts'
import { FakeClock } from '../fake-clock.ts'
import { ownMetrics } from './own-metrics.ts'

const forwarder = {
  queuedBytes: 5,
  capacityBytes: 10,
  queuedRequests: 1,
  failure: undefined,
}

function accounting(): Accounting {
  const counts = new Accounting(new FakeClock())
  counts.request('traces', 'accepted')
  counts.accept('traces', { count: 9, invalidCount: 1 })
  counts.clip('traces', { attribute_value_length: 2 })
  counts.enqueue('traces', 9)
  counts.settle('traces', { count: 5, refusedCount: 2 })
  counts.drop('traces', 3, 'gave_up')
  counts.refuse('traces', 4, 'queue_full')
  return counts
}

const pointValue = (name: string, points = ownMetrics(accounting(), forwarder)) =>
  points.find((point) => point.name === name)?.value

test.each([
  ['otelcol_receiver_accepted_spans', 9],
  ['otelcol_receiver_refused_spans', 4],
  ['otelcol_exporter_sent_spans', 3],
  ['otelcol_exporter_send_failed_spans', 5],
  ['otelcol_exporter_enqueue_failed_spans', 4],
  ['otelcol_exporter_queue_size', 5],
  ['otelcol_exporter_queue_capacity', 10],
  ['otelcol_receiver_accepted_log_records', 0],
  ['qflow.collector.invalid', 1],
  ['qflow.collector.clipped', 2],
  ['qflow.collector.dropped', 3],
  ['qflow.collector.requests', 1],
])('%s is %i', (name, expected) => expect(pointValue(name)).toBe(expected))

test('without a backend nothing is said about one', () => {
  const names = ownMetrics(accounting(), undefined).map(({ name }) => name)
  expect(names.filter((name) => /exporter|dropped/.test(name))).toEqual([])
})

test('every name, attribute and value is in the registry', () => {
  for (const { name, attributes } of ownMetrics(accounting(), forwarder)) {
    const known = registry.metrics[name]
    expect(known?.attributes).toEqual(expect.arrayContaining(Object.keys(attributes)))
    for (const [key, value] of Object.entries(attributes)) {
      const type = registry.attributes[key]
      if (typeof type !== 'string') expect(type).toContain(value)
    }
  }
})
