import { expect, test } from 'vitest'
import { decodeTracesProtobuf } from './otlp/traces-decoder.ts'
import { simulatedBody } from './simulated-body.ts'
import { simulatedSpans } from './simulated-spans.ts'

test('a simulated body is what its spans say', () => {
  const attributes = { 'qflow.step.phase.work': 0.02, 'qflow.step.attempt.count': 2, sure: true }
  const child = { name: 'POST', durationMs: 1, kind: 'client' as const }
  const steps = [{ id: 'charge', durationMs: 40, attributes, child }]
  const spans = simulatedSpans({ index: 7, startUnixNs: 1_700_000_000_000_000_001n, steps })
  const { spans: read, rejectedCount } = decodeTracesProtobuf(simulatedBody(spans))
  expect(rejectedCount).toBe(0)
  const comparable = (list: typeof read) =>
    list.map(({ attributes: own, resource: _, ...span }) => ({ ...span, own: [...own] }))
  expect(comparable(read)).toEqual(comparable(spans))
})
