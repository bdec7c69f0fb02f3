import { bench, describe } from 'vitest'
import { hexToBase64 } from './generated-request.ts'
import { decodeTraceMessage, encodeRequest } from './otlp-proto.ts'
import { decodeTracesJson } from './traces-json.ts'
import { decodeTracesProtobuf } from './traces-protobuf.ts'

const SPAN_COUNT = 512
const ATTRIBUTE_COUNT = 12

const attributes = Array.from({ length: ATTRIBUTE_COUNT }, (_, index) => ({
  key: `qflow.step.attribute_${index}`,
  value: index % 3 === 0 ? { doubleValue: index / 7 } : { stringValue: `value-${index}` },
}))

const request = (id: (hex: string) => string) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeSpans: [
        {
          spans: Array.from({ length: SPAN_COUNT }, (_, index) => ({
            traceId: id((index + 1).toString(16).padStart(32, '0')),
            spanId: id((index + 1).toString(16).padStart(16, '0')),
            name: 'execute_step charge-card',
            kind: 1,
            startTimeUnixNano: '1700000000000000001',
            endTimeUnixNano: '1700000000000500001',
            attributes,
          })),
        },
      ],
    },
  ],
})

const bytes = encodeRequest('Trace', request(hexToBase64))
const json = JSON.stringify(request((hex) => hex))

describe(`${SPAN_COUNT} spans of ${ATTRIBUTE_COUNT} attributes`, () => {
  bench('decodeTracesProtobuf', () => void decodeTracesProtobuf(bytes))
  bench('protobufjs, reflection', () => void decodeTraceMessage(bytes))
  bench('JSON.parse and decodeTracesJson', () => void decodeTracesJson(JSON.parse(json)))
  bench('JSON.parse alone', () => void JSON.parse(json))
})
