import fc from 'fast-check'
import {
  generatedRequest,
  withBase64Ids,
} from '../../packages/analyzer/src/otlp/generated-request.ts'
import { encodeRequest } from '../../packages/analyzer/src/otlp/otlp-proto.ts'
import type { RandomStream } from '../../packages/analyzer/src/stats/random-stream.ts'
import { below, pick } from './mutations.ts'

const SEED_COUNT = 60
const MAX_SPAN_COUNT = 6

const generated = fc.sample(generatedRequest, { numRuns: SEED_COUNT, seed: 20261203 })

/** Bodies that mutations start from: one half all that the format allows, the other what programs really send. */
export function seedBodies(random: RandomStream): readonly Uint8Array[] {
  const bodies = generated.map((request) => encodeRequest('Trace', withBase64Ids(request)))
  const ordinary = Array.from({ length: SEED_COUNT }, () => ordinaryBody(random))
  return [...bodies, ...ordinary].filter((body) => body.length > 0)
}

export const seedValues: readonly unknown[] = generated

/** Spans of few kinds, mixed, so that readers know their keys and find them again or changed a little. */
function ordinaryBody(random: RandomStream): Uint8Array {
  const id = (length: number) =>
    Buffer.from(Array.from({ length }, () => 1 + below(random, 255))).toString('base64')
  const traceId = id(16)
  const spans = Array.from({ length: 1 + below(random, MAX_SPAN_COUNT) }, () => ({
    traceId,
    spanId: id(8),
    parentSpanId: id(8),
    name: pick(random, ['execute_step charge', 'POST']),
    kind: 1,
    attributes: pick(random, [stepAttributes, httpAttributes, () => []])(random),
    startTimeUnixNano: '1700000000000000001',
    endTimeUnixNano: '1700000000000500001',
  }))
  const resource = { attributes: [text('service.name', 'shop')] }
  return encodeRequest('Trace', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
}

function stepAttributes(random: RandomStream): object[] {
  return [
    text('qflow.flow.id', pick(random, ['order', 'order-', 'ordex', 'ordez'])),
    text(pick(random, SIMILAR_KEYS), pick(random, ['charge', 'charged'])),
    value('qflow.step.attempt', { intValue: pick(random, [1, 127, 128, 300, 2 ** 28, -1]) }),
    value(pick(random, SIMILAR_KEYS), { doubleValue: random() }),
    value('cached', { boolValue: random() < 0.5 }),
  ]
}

/** Keys that differ in one place only: in the last byte, in the length, in a word. */
const SIMILAR_KEYS = [
  'qflow.step.phase.work',
  'qflow.step.phase.worx',
  'qflow.step.phase.wor',
  'qflow.step.phase.works',
  'qflow.stex.phase.work',
]

function httpAttributes(random: RandomStream): object[] {
  return [
    text('http.request.method', pick(random, ['POST', 'GET'])),
    text('url.full', `https://shop.example/${'x'.repeat(below(random, 150))}`),
    value('http.response.status_code', { intValue: 200 }),
    value('tags', { arrayValue: { values: [{ stringValue: 'a' }, {}] } }),
  ]
}

const value = (key: string, content: object) => ({ key, value: content })
const text = (key: string, stringValue: string) => value(key, { stringValue })
