import fc from 'fast-check'
import { expect, test } from 'vitest'
import { successAnswer } from '../receive/answer.ts'
import { type Encoding, mediaTypes, signals } from '../receive/signal.ts'
import { partialSuccessCount } from './partial-success.ts'

const encodings: readonly Encoding[] = ['protobuf', 'json']

test('reads what our own answers say, for every signal in both encodings', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...signals),
      fc.constantFrom(...encodings),
      fc.nat(),
      fc.string(),
      (signal, encoding, rejectedCount, message) => {
        const { body } = successAnswer(signal, encoding, { rejectedCount, message })
        expect(partialSuccessCount(body, mediaTypes[encoding])).toBe(rejectedCount)
      },
    ),
    { seed: 7 },
  )
})

test.each([
  '',
  '{}',
  '[]',
  'null',
  '{"partialSuccess":7}',
  '{"partialSuccess":{"rejectedSpans":"x"}}',
  '<html>',
])('JSON %j refuses nothing', (text) =>
  expect(partialSuccessCount(Buffer.from(text), 'application/json')).toBe(0),
)

test('any bytes give a count and no error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const count = partialSuccessCount(Buffer.from(bytes), mediaTypes.protobuf)
      expect(Number.isSafeInteger(count) && count >= 0).toBe(true)
    }),
    { numRuns: 5_000, seed: 7 },
  )
})
