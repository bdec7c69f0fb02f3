import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countMetricPoints, countMetricPointsJson } from './count-metric-points.ts'
import { OtlpDecodeError } from './decode-error.ts'
import { encodeRequest } from './otlp-proto.ts'

test('metric points are counted over all kinds', () => {
  const points = (count: number) => ({ dataPoints: Array.from({ length: count }, () => ({})) })
  const metrics = [
    { name: 'a', gauge: points(1) },
    { name: 'b', sum: points(2) },
    { name: 'c', histogram: points(3) },
    { name: 'd', exponentialHistogram: points(4) },
    { name: 'e', summary: points(5) },
    { name: 'f' },
  ]
  const body = { resourceMetrics: [{ scopeMetrics: [{ metrics }, {}] }, {}] }
  expect(countMetricPointsJson(body)).toBe(15)
  expect(countMetricPoints(encodeRequest('Metrics', body))).toBe(15)
})

test('random bytes give typed errors only', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        countMetricPoints(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(OtlpDecodeError)
      }
    }),
    { numRuns: 5000, seed: 20261110 },
  )
})
