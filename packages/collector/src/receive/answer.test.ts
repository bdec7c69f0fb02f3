import protobuf from 'protobufjs'
import { expect, test } from 'vitest'
import { problemAnswer, successAnswer } from './answer.ts'
import { signalOfPath, signals } from './signal.ts'

// The messages as the OTLP and google.rpc specifications state them, read by an independent library.
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Response { Partial partial_success = 1; }
  message Partial { int64 rejected = 1; string error_message = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Any { string type_url = 1; bytes value = 2; }
  message BadRequest { repeated FieldViolation field_violations = 1; }
  message FieldViolation { string field = 1; string description = 2; }
`)
const decoded = (type: string, bytes: Uint8Array) => {
  const message = root.lookupType(type)
  return message.toObject(message.decode(bytes), { longs: Number })
}

const traces = signals[0]
if (traces === undefined) throw new Error('there is no signal')

test('a success says nothing', () => {
  expect(successAnswer(traces, 'protobuf').body).toHaveLength(0)
  expect(successAnswer(traces, 'json').body.toString()).toBe('{}')
})

test.each(signals)('a partial success of $name', (signal) => {
  const partial = { rejectedCount: 300, message: 'ä' }
  const bytes = successAnswer(signal, 'protobuf', partial).body
  expect(decoded('Response', bytes)).toEqual({
    partialSuccess: { rejected: 300, errorMessage: 'ä' },
  })
  expect(JSON.parse(successAnswer(signal, 'json', partial).body.toString())).toEqual({
    partialSuccess: { [signal.rejectedField]: '300', errorMessage: 'ä' },
  })
})

test.each([
  [400, 3],
  [403, 7],
  [404, 5],
  [405, 12],
  [413, 8],
  [415, 3],
  [500, 13],
  [503, 14],
])('status %i has code %i of google.rpc in both encodings', (status, code) => {
  const problem = { status, message: 'why' }
  expect(decoded('Status', problemAnswer(problem, 'protobuf').body)).toEqual({
    code,
    message: 'why',
  })
  expect(JSON.parse(problemAnswer(problem).body.toString())).toEqual({ code, message: 'why' })
})

test('a position becomes a BadRequest detail', () => {
  const problem = { status: 400, message: 'expected 16 bytes at byte 4711', at: 'byte 4711' }
  const status = decoded('Status', problemAnswer(problem, 'protobuf').body)
  expect(status['message']).toBe('expected 16 bytes at byte 4711')
  const [detail] = status['details']
  expect(detail.typeUrl).toBe('type.googleapis.com/google.rpc.BadRequest')
  expect(decoded('BadRequest', detail.value)).toEqual({
    fieldViolations: [{ field: 'byte 4711', description: 'expected 16 bytes at byte 4711' }],
  })
  expect(JSON.parse(problemAnswer(problem, 'json').body.toString()).details).toEqual([
    {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: 'byte 4711', description: 'expected 16 bytes at byte 4711' }],
    },
  ])
})

test('a message that repeats a large input is cut', () => {
  const { body } = problemAnswer({ status: 400, message: 'x'.repeat(1e6), at: 'y'.repeat(1e6) })
  expect(body.length).toBeLessThan(10_000)
})

test('a path is one of a signal or of none', () => {
  expect(signalOfPath('/v1/logs')?.items).toBe('log_records')
  expect(signalOfPath('/v1/logs/')).toBeUndefined()
})
