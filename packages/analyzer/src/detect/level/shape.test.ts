import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addKey, countBetween, emptyHistogram, type Histogram } from '../../stats/histogram.ts'
import { drawShape, SHAPE_BETTOR_COUNT, type Shape } from './shape.ts'

const someKeys = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 600, max: 800 })), {
  minLength: 1,
  maxLength: 300,
})

test('regions tile the keys and count the baseline', () => {
  fc.assert(
    fc.property(someKeys, (keys) => {
      const baseline = histogramOf(keys)
      const { borders, counts } = drawShape(baseline, false)
      expect(borders).toEqual([...new Set(borders)].sort((a, b) => a - b))
      const slow = [...borders, Number.POSITIVE_INFINITY].map((border, region) =>
        countBetween(baseline, borders[region - 1] ?? 0, border),
      )
      expect(counts).toEqual(slow)
    }),
  )
})

test('what a bettor believes is a distribution, so that no bet is worth more than it costs', () => {
  fc.assert(
    fc.property(someKeys, (keys) => {
      for (const sum of beliefSums(drawShape(histogramOf(keys), false))) expect(sum).toBe(1_000)
    }),
  )
})

test('each believes in the baseline with every one of its values moved by a number of steps', () => {
  fc.assert(
    fc.property(someKeys, (keys) => {
      const shape = drawShape(histogramOf(keys), false)
      for (let bettor = 0; bettor < SHAPE_BETTOR_COUNT; bettor += 1) {
        const sign = bettor < SHAPE_BETTOR_COUNT / 2 ? 1 : -1
        const isMove = Array.from({ length: 140 }, (_, index) => sign * (index + 1)).some((move) =>
          movedKeyByKey(shape, keys, move).every(
            // A region's share is the difference of two rounded sums.
            (share, region) =>
              Math.abs(1_000 * share - (shape.shares[region * SHAPE_BETTOR_COUNT + bettor] ?? 0)) <=
              1.001,
          ),
        )
        expect(isMove).toBe(true)
      }
    }),
    { numRuns: 30 },
  )
})

test('of zeros and ones too, whatever their share', () => {
  for (const keys of [[0], [1], [0, 0, 0, 1], [1, 1, 0]]) {
    for (const sum of beliefSums(drawShape(histogramOf(keys), true))) expect(sum).toBe(1_000)
  }
})

test('a bettor expects values where the baseline would be if it moved: between two modes, above all', () => {
  const keys = [...keysAbout(700, 120), ...keysAbout(770, 80)]
  const shape = drawShape(histogramOf(keys), false)
  const between = regionOf(shape, 706)
  expect(shape.counts[between]).toBe(0)
  // The boldest who bets upwards.
  const shares = (region: number) =>
    shape.shares[region * SHAPE_BETTOR_COUNT + SHAPE_BETTOR_COUNT / 2 - 1] ?? 0
  expect(shares(between)).toBeGreaterThan(300)
})

test('nothing stays nothing, however it moves', () => {
  const shape = drawShape(histogramOf([0, 0, 0, ...keysAbout(700, 3)]), false)
  const nothing = regionOf(shape, 0)
  const shares = shape.shares.slice(nothing * SHAPE_BETTOR_COUNT).slice(0, SHAPE_BETTOR_COUNT)
  expect(new Set(shares)).toEqual(new Set([500]))
})

/** Half of each value by the move, a quarter each by three and five quarters of it; what is something stays something. */
function movedKeyByKey(shape: Shape, keys: readonly number[], move: number): number[] {
  const shares = new Array<number>(shape.counts.length).fill(0)
  for (const key of keys) {
    for (const [factor, share] of [
      [1, 0.5],
      [0.75, 0.25],
      [1.25, 0.25],
    ] as const) {
      const moved = key === 0 ? 0 : Math.max(key + Math.round(factor * move), 1)
      const region = regionOf(shape, moved)
      shares[region] = (shares[region] ?? 0) + share / keys.length
    }
  }
  return shares
}

function keysAbout(middle: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => middle - 3 + (index % 7))
}

function histogramOf(keys: readonly number[]): Histogram {
  const histogram = emptyHistogram()
  for (const key of keys) addKey(histogram, key)
  return histogram
}

function beliefSums({ counts, shares }: Shape): number[] {
  return Array.from({ length: SHAPE_BETTOR_COUNT }, (_, bettor) =>
    counts.reduce(
      (sum, _count, region) => sum + (shares[region * SHAPE_BETTOR_COUNT + bettor] ?? 0),
      0,
    ),
  )
}

/** Index of the region that holds a key. */
function regionOf({ borders }: Shape, key: number): number {
  return borders.filter((border) => key >= border).length
}
