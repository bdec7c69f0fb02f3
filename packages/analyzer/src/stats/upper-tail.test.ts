import { describe, expect, test } from 'vitest'
import { normalTail } from './normal-tail.ts'
import { normal, type RandomStream, randomStream } from './random-stream.ts'
import { emptySketch, insert, type Sketch } from './sketch.ts'
import { fitUpperTail, surpriseOf, type UpperTail, valueOfSurprise } from './upper-tail.ts'

describe('what one in a thousand exceeds', () => {
  const lognormal = (random: RandomStream) => 100 * Math.exp(0.3 * normal(random))
  const pareto = (random: RandomStream) => 50 * (1 - random()) ** (-1 / 1.5)
  test.each([
    ['lognormal', lognormal, 100 * Math.exp(0.3 * 3.0902)],
    ['Pareto', pareto, 50 * 1000 ** (1 / 1.5)],
  ])('of a %s is found within a nat, on average', (_, draw, exact) => {
    for (const { count, bound } of [
      { count: 200, bound: 1 },
      { count: 20_000, bound: 0.4 },
    ]) {
      const errors = Array.from({ length: 20 }, (_, run) => {
        const random = randomStream(run + 1)
        const tail = tailOf(Array.from({ length: count }, () => draw(random)))
        return Math.abs(surpriseOf(tail, exact) - Math.log(1_000))
      })
      const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
      expect(mean).toBeLessThan(bound)
    }
  })
})

test('agrees with averaging over a fine grid of shapes and scales of the values themselves', () => {
  const random = randomStream(4)
  const values = Array.from({ length: 300 }, () => 100 * Math.exp(0.4 * normal(random)))
  const tail = tailOf(values)
  for (const value of [200, 300, 400, 600])
    expect(Math.abs(surpriseOf(tail, value) - slowSurprise(values, value))).toBeLessThan(0.25)
})

test('surprise and value are inverse within the tail, and surprise never falls', () => {
  const random = randomStream(5)
  const tail = tailOf(Array.from({ length: 500 }, () => Math.exp(normal(random))))
  let last = 0
  for (let value = 0.5; value < 1e4; value *= 1.1) {
    const surprise = surpriseOf(tail, value)
    expect(surprise).toBeGreaterThanOrEqual(last)
    last = surprise
    if (surprise > 2 && surprise < 15)
      expect(valueOfSurprise(tail, surprise) / value).toBeCloseTo(1, 6)
  }
})

test('of two groups the tail is the upper one alone', () => {
  const random = randomStream(6)
  const draw = () => (random() < 0.7 ? 50 : 500) * Math.exp(0.05 * normal(random))
  const tail = tailOf(Array.from({ length: 400 }, draw))
  expect(valueOfSurprise(tail, Math.log(1_000))).toBeLessThan(700)
})

test('a tenth of a percent of monstrous values does not move the bar', () => {
  const random = randomStream(7)
  const values = Array.from({ length: 1_000 }, () => 100 * Math.exp(0.3 * normal(random)))
  const clean = valueOfSurprise(tailOf(values), 7)
  const dirty = valueOfSurprise(tailOf([...values, 1e6]), 7)
  expect(dirty / clean).toBeLessThan(1.05)
})

test('nothing is said of fewer than ten positive values', () => {
  expect(fitUpperTail(sketchOf([0, 0, 0, 1, 2, 3]))).toBeUndefined()
})

test('takes little room', () => {
  const random = randomStream(8)
  const tail = tailOf(Array.from({ length: 5_000 }, () => Math.exp(3 * normal(random))))
  expect(JSON.stringify(tail).length).toBeLessThan(300)
})

function sketchOf(values: readonly number[]): Sketch {
  const sketch = emptySketch()
  for (const value of values) insert(sketch, value)
  return sketch
}

function tailOf(values: readonly number[]): UpperTail {
  const tail = fitUpperTail(sketchOf(values))
  if (tail === undefined) throw new Error('expected ten values, found fewer')
  return tail
}

/** The definition, word for word: upper share of the sorted logs, the top 1 % censored, every shape and scale weighed. */
function slowSurprise(values: readonly number[], value: number): number {
  const logs = values.map(Math.log).sort((a, b) => a - b)
  const count = Math.ceil(logs.length * 0.6 * Math.sqrt(200 / logs.length))
  const start = logs[logs.length - count] ?? 0
  const censoredCount = Math.floor(logs.length * 0.01)
  const seen = logs.slice(logs.length - count, logs.length - censoredCount).map((x) => x - start)
  const limit = seen.at(-1) ?? 0
  const at = Math.log(value) - start
  let [total, beyond] = [0, 0]
  const weigh = (
    prior: number,
    logDensity: (x: number) => number,
    above: (x: number) => number,
  ) => {
    const log = seen.reduce((sum, x) => sum + logDensity(x), censoredCount * Math.log(above(limit)))
    const weight = prior * Math.exp(log - seen.length)
    total += weight
    beyond += weight * above(at)
  }
  const ratio = count / logs.length
  let corner = -5
  while (normalTail(corner) > ratio) corner += 1e-4
  for (let scale = 0.05; scale < 2; scale *= 1.04) {
    weigh(
      0.8,
      (x) => -Math.log(scale * ratio * Math.sqrt(2 * Math.PI)) - (corner + x / scale) ** 2 / 2,
      (x) => normalTail(corner + x / scale) / ratio,
    )
    for (let shape = -0.38; shape < 0.4; shape += 0.04) {
      const prior = (0.2 * 0.04 * Math.exp(-(((shape + 0.05) / 0.1) ** 2) / 2)) / 0.2507
      const inner = (x: number) => Math.max(1 + (shape * x) / scale, 0)
      weigh(
        prior,
        (x) => -Math.log(scale) - (1 / shape + 1) * Math.log(inner(x)),
        (x) => inner(x) ** (-1 / shape),
      )
    }
  }
  return -Math.log((ratio * beyond) / total)
}
