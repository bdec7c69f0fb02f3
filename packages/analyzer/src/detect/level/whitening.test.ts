import { describe, expect, test } from 'vitest'
import { normal, type RandomStream, randomStream } from '../../stats/random-stream.ts'
import { overstatement } from './leftover.ts'
import { ECHO, emptyRows, IS_USED, KEY, UNKEYED } from './level-rows.ts'
import { isTuneDue, tune, whiten } from './whitening.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

describe('the echo of the value before', () => {
  test.each([0.3, 0.5, 0.8])('of %f is found and taken out', (keep) => {
    const random = randomStream(4)
    const { state, whites } = whitened(echoing(keep, random), { count: 2_000 })
    expect(Math.abs((state[ECHO] ?? 0) - keep)).toBeLessThan(0.06)
    expect(Math.abs(correlation(whites.slice(500)))).toBeLessThan(0.1)
    // The first values, before the echo was known, are remembered too.
    expect(overstatement(state, 0)).toBeLessThan(1.6)
  })

  test('of independent values is mostly none, outliers or not', () => {
    const used = Array.from({ length: 40 }, (_, seed) => {
      const random = randomStream(seed)
      const draw = () => normal(random) * (random() < 0.02 ? 30 : 1)
      return whitened(draw, { count: 300 }).state[ECHO] ?? 0
    }).filter((echo) => echo > 0)
    expect(used.length).toBeLessThanOrEqual(2)
  })
})

describe('the hour of day', () => {
  const swing = (unixMs: number) => 0.3 * Math.sin((2 * Math.PI * unixMs) / DAY_MS)

  test('is taken out once it has proved useful over more than a day', () => {
    const random = randomStream(1)
    const draw = (unixMs: number) => swing(unixMs) + 0.1 * normal(random)
    const plan = { count: 600, everyMs: 10 * MINUTE_MS }
    const { state, whites } = whitened(draw, plan)
    expect(state[IS_USED]).toBe(1)
    expect(deviation(whites.slice(300))).toBeLessThan(0.13)
    expect(whitened(draw, { ...plan, count: 140 }).state[IS_USED]).toBe(0)
  })

  test('is left alone where it explains nothing', () => {
    const random = randomStream(2)
    const { state } = whitened(() => normal(random), { count: 3_000, everyMs: 30 * MINUTE_MS })
    expect(state[IS_USED]).toBe(0)
  })
})

test('what neither takes out is known to be there', () => {
  const random = randomStream(3)
  let slow = 0
  // An echo that fades slowly under noise of its own: no AR(1) process.
  const draw = () => {
    slow = 0.95 * slow + Math.sqrt(1 - 0.95 ** 2) * normal(random)
    return slow + normal(random)
  }
  expect(overstatement(whitened(draw, { count: 3_000 }).state, 0)).toBeGreaterThan(2)
})

test('constant values leave nothing but the value', () => {
  const { state, whites } = whitened(() => 7, { count: 500 })
  expect(new Set(whites)).toEqual(new Set([7]))
  expect(state[ECHO]).toBe(0)
})

function whitened(
  draw: (unixMs: number) => number,
  { count, everyMs = MINUTE_MS }: { count: number; everyMs?: number },
): { state: Float64Array; whites: number[] } {
  const rows = emptyRows(1)
  const state = rows.figures
  const whites = Array.from({ length: count }, (_, index) => {
    const unixMs = index * everyMs
    if (isTuneDue(state, 0)) tune(state, 0, unixMs)
    rows.values[0] = draw(unixMs)
    rows.wholes[KEY] = UNKEYED
    whiten(rows, { from: 0, to: 1, sequence: index, unixMs })
    return rows.values[0]
  })
  return { state, whites }
}

function echoing(keep: number, random: RandomStream): () => number {
  let last = normal(random)
  return () => {
    last = keep * last + Math.sqrt(1 - keep ** 2) * normal(random)
    return last
  }
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

function correlation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const products = values.slice(1).map((value, i) => (value - mean) * ((values[i] ?? 0) - mean))
  return products.reduce((sum, one) => sum + one, 0) / values.length / deviation(values) ** 2
}
