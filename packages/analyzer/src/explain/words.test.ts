import { expect, test } from 'vitest'
import {
  durationWords,
  estimateWords,
  percentWords,
  placeWords,
  shortPlaceWords,
  timeWords,
} from './words.ts'

test.each([
  [0, '0 ms'],
  [0.0421, '42.1 µs'],
  [4.2, '4.2 ms'],
  [41.26, '41.3 ms'],
  [100, '100 ms'],
  [999.4, '999 ms'],
  [3_140, '3.14 s'],
  [-2_000, '-2 s'],
  [150_000, '2.5 min'],
])('%d ms in words', (ms, words) => {
  expect(durationWords(ms)).toBe(words)
})

test('a ratio becomes percent only in words', () => {
  expect(percentWords(0.307)).toBe('30.7 %')
  expect(percentWords(1)).toBe('100 %')
  expect(estimateWords({ value: 0.3, low: 0.28, high: 0.34, n: 120 })).toBe(
    '30 % (95 % interval 28 % to 34 %, n = 120)',
  )
})

test.each([
  ['charge', 'resource_wait', undefined, 'resource wait of step charge'],
  ['charge', 'work', 'GET api', 'span GET api in step charge'],
  ['charge', undefined, undefined, 'step charge'],
  [undefined, 'engine', undefined, 'time between steps'],
  [undefined, undefined, 'GET api', 'span GET api'],
  [undefined, undefined, undefined, 'time outside spans'],
  ['_OTHER', undefined, undefined, 'the rest'],
] as const)('place %s %s %s', (stepId, phase, spanName, words) => {
  expect(placeWords({ stepId, phase, spanName })).toBe(words)
})

test.each([
  ['charge', 'resource_wait', undefined, 'charge › resource wait'],
  ['charge', 'work', 'POST api', 'charge › POST api'],
  ['charge', undefined, undefined, 'charge'],
  [undefined, undefined, 'POST api', 'POST api'],
  [undefined, 'engine', undefined, 'between steps'],
  ['_OTHER', undefined, undefined, 'the rest'],
] as const)('place %s %s %s on a line', (stepId, phase, spanName, words) => {
  expect(shortPlaceWords({ stepId, phase, spanName })).toBe(words)
})

test('a point in time is told to the second', () => {
  expect(timeWords(1_700_000_000_900_000_000n)).toBe('22:13:20 UTC')
})
