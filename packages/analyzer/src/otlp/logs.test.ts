import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OtlpDecodeError } from './decode-error.ts'
import { hexToBase64 } from './generated-request.ts'
import { decodeLogsJson } from './logs-json.ts'
import { decodeLogsProtobuf } from './logs-protobuf.ts'
import { encodeRequest } from './otlp-proto.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })

const graph = JSON.stringify([
  { id: 'a', type: 'task', action: 'http', onSuccess: 'g', params: { secret: 1 } },
  { id: 'g', type: 'parallel', action: '', steps: ['b', { id: 'c' }] },
])

const started = {
  timeUnixNano: '1700000000000000000',
  traceId: TRACE_ID,
  eventName: 'qflow.execution.started',
  attributes: [attribute('qflow.execution.id', 'e1'), attribute('qflow.flow.id', 'f')],
}
const defined = {
  observedTimeUnixNano: '5',
  eventName: 'qflow.flow.defined',
  attributes: [
    attribute('qflow.flow.id', 'f'),
    attribute('qflow.flow.version', '2'),
    attribute('qflow.flow.sha256', 'abc'),
    attribute('qflow.flow.graph', graph),
  ],
}
/** No id is as long. */
const LONG = 'x'.repeat(257)
const withGraph = (steps: readonly object[]) => ({
  ...defined,
  attributes: [
    attribute('qflow.flow.id', 'f'),
    attribute('qflow.flow.graph', JSON.stringify(steps)),
  ],
})
const other = { eventName: 'app.started', body: { stringValue: 'not read' }, traceId: 'short' }
const logs = (...logRecords: object[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })

const expectedEvents = {
  logRecordCount: 3,
  flows: [
    {
      flowId: 'f',
      version: '2',
      sha256: 'abc',
      steps: [
        { id: 'a', type: 'task', action: 'http', onSuccess: 'g' },
        { id: 'g', type: 'parallel', action: '', steps: ['b', 'c'] },
      ],
    },
  ],
  started: [
    {
      executionId: 'e1',
      flowId: 'f',
      flowVersion: undefined,
      traceId: TRACE_ID,
      startUnixNs: 1700000000000000000n,
    },
  ],
  rejected: [],
  rejectedCount: 0,
  clipped: {},
}

test('our two events, everything else counted', () => {
  expect(decodeLogsJson(logs(started, defined, other))).toEqual(expectedEvents)
  const bytes = encodeRequest(
    'Logs',
    logs({ ...started, traceId: hexToBase64(TRACE_ID) }, defined, { ...other, traceId: '' }),
  )
  expect(decodeLogsProtobuf(bytes)).toEqual(expectedEvents)
})

test.each([
  [{ ...started, traceId: undefined }, 'traceId'],
  [{ ...started, attributes: [] }, 'attributes.qflow.execution.id'],
  [{ ...started, timeUnixNano: 'soon' }, 'timeUnixNano'],
  [{ ...defined, attributes: [attribute('qflow.flow.graph', '[')] }, 'attributes.qflow.flow.graph'],
  [
    {
      ...defined,
      attributes: [attribute('qflow.flow.graph', '[{}]'), ...defined.attributes.slice(0, 1)],
    },
    'attributes.qflow.flow.graph[0].id',
  ],
  [
    { ...started, attributes: [attribute('qflow.execution.id', LONG), started.attributes[1]] },
    'attributes.qflow.execution.id',
  ],
  [{ ...defined, attributes: [attribute('qflow.flow.id', LONG)] }, 'attributes.qflow.flow.id'],
  [withGraph([{ id: LONG }]), 'attributes.qflow.flow.graph[0].id'],
  [withGraph([{ id: 'a', onTrue: LONG }]), 'attributes.qflow.flow.graph[0].onTrue'],
  [withGraph([{ id: 'a', steps: ['b', LONG] }]), 'attributes.qflow.flow.graph[0].steps[1]'],
])('a bad event is refused with its place', (record, at) => {
  const decoded = decodeLogsJson(logs(record, started))
  expect(decoded.started).toHaveLength(1)
  expect(decoded.rejected[0]?.at).toBe(`resourceLogs[0].scopeLogs[0].logRecords[0].${at}`)
})

test('random bytes give typed errors only', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        decodeLogsProtobuf(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(OtlpDecodeError)
      }
    }),
    { numRuns: 5000, seed: 20261110 },
  )
})
