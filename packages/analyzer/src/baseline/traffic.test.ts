import { expect, test } from 'vitest'
import {
  bucketWidthMs,
  closeBucket,
  isDue,
  noTraffic,
  noteEnded,
  openTraffic,
  type Traffic,
} from './traffic.ts'

const SECOND = 1_000

test.each([
  [1, 10_000],
  [1 / 10, 60_000],
  [1 / 60, 300_000],
  [1 / 600, 3_600_000],
  [1 / 7_200, 86_400_000],
  [1 / 86_400, 0],
])('%f executions a second are counted by %i ms', (perSec, widthMs) => {
  expect(bucketWidthMs(perSec / SECOND)).toBe(widthMs)
})

test('executions count in the bucket in which they ended, from the first whole one on', () => {
  const traffic = opened()
  for (const second of [3, 12, 19.9, 20, 31]) end(traffic, second)
  close(traffic, 60)
  expect(traffic.closed.map(({ weight }) => weight)).toEqual([2, 1, 1, 0, 0])
})

test('closing early and often, or late and at once, is the same', () => {
  const [often, once] = [opened(), opened()]
  for (let second = 10; second < 900; second += second < 200 ? 3 : 400) {
    close(often, second - 1)
    end(often, second)
    end(once, second)
  }
  for (const traffic of [often, once]) close(traffic, 2_000)
  expect(often).toEqual(once)
})

test('a long silence is closed for a while, and ended by the next execution', () => {
  const traffic = opened()
  end(traffic, 15)
  close(traffic, 100_000)
  expect(traffic.closedCount).toBe(65)
  end(traffic, 100_005)
  close(traffic, 100_020)
  expect(traffic.closed.at(-1)).toMatchObject({ number: 10_001, weight: 0 })
})

/** Buckets of ten seconds, the first from second 10 on. */
function opened(): Traffic {
  const traffic = noTraffic()
  openTraffic(traffic, { widthMs: 10 * SECOND, unixMs: 5 * SECOND, position: 0 })
  return traffic
}

function end(traffic: Traffic, second: number): void {
  close(traffic, second)
  noteEnded(traffic, { unixMs: second * SECOND, weight: 1, position: 0 })
}

function close(traffic: Traffic, second: number): void {
  while (isDue(traffic, second * SECOND)) closeBucket(traffic, 0)
}
