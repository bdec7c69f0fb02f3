import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  emptySketch,
  insert,
  insertColumn,
  mergeInto,
  SKETCH_ERROR_RATIO,
  type Sketch,
  sketchFromJson,
  sketchToJson,
  valueOfRank,
} from './sketch.ts'

const values = fc.array(
  fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 5_000 }),
    fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
  ),
  { maxLength: 200 },
)
const extreme = fc.array(fc.double({ min: 0, max: 1e300, noNaN: true }), { maxLength: 60 })

test('a quantile is within 1 % of the value of that rank', () => {
  fc.assert(
    fc.property(
      values.filter(({ length }) => length > 0),
      (all) => {
        const sketch = sketchOf(all)
        const sorted = all.slice().sort((a, b) => a - b)
        for (const [index, exact] of sorted.entries()) {
          const estimate = valueOfRank(sketch, index + 1) ?? Number.NaN
          expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(
            exact * SKETCH_ERROR_RATIO * 1.0001,
          )
        }
      },
    ),
  )
})

test('merging equals inserting everything into one, also where the lowest bins collapse', () => {
  fc.assert(
    fc.property(fc.oneof(values, extreme), fc.oneof(values, extreme), (a, b) => {
      const merged = sketchOf(a)
      mergeInto(merged, sketchOf(b))
      expect(sketchToJson(merged)).toEqual(sketchToJson(sketchOf([...a, ...b])))
    }),
  )
})

test('the order of insertion does not matter', () => {
  fc.assert(
    fc.property(extreme, (all) => {
      expect(sketchToJson(sketchOf(all.slice().reverse()))).toEqual(sketchToJson(sketchOf(all)))
    }),
  )
})

test('a column counts as its numbers one by one, and what is no length counts nothing', () => {
  const figure = fc.oneof(
    fc.double({ min: 0, max: 1e300, noNaN: true }),
    fc.constantFrom(0, 1, 1, Number.NaN, -1, Number.POSITIVE_INFINITY),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(figure, figure), { maxLength: 40 }), extreme, (rows, before) => {
      const figures = Float64Array.from(rows.flat())
      const sketch = sketchOf(before)
      insertColumn(sketch, { figures, from: 1, end: figures.length, rowLength: 2 })
      const oracle = sketchOf(before)
      for (const [, second] of rows) insert(oracle, second)
      expect(sketch).toEqual(oracle)
    }),
  )
})

test('the JSON form restores everything', () => {
  fc.assert(
    fc.property(fc.oneof(values, extreme), (all) => {
      const json = sketchToJson(sketchOf(all))
      const restored = sketchFromJson(JSON.parse(JSON.stringify(json)))
      expect(sketchToJson(restored)).toEqual(json)
      expect(restored.count).toBe(all.length)
      insert(restored, 7)
      expect(sketchToJson(restored)).toEqual(sketchToJson(sketchOf([...all, 7])))
    }),
  )
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, Number.NEGATIVE_INFINITY])(
  '%s is refused and changes nothing',
  (value) => {
    const sketch = sketchOf([1, 2])
    expect(insert(sketch, value)).toBe(false)
    expect(sketch).toEqual(sketchOf([1, 2]))
  },
)

test('ranks outside the values are absent', () => {
  expect(valueOfRank(emptySketch(), 1)).toBeUndefined()
  expect(valueOfRank(sketchOf([1]), 2)).toBeUndefined()
  expect(valueOfRank(sketchOf([1]), 0)).toBeUndefined()
})

function sketchOf(all: readonly number[]): Sketch {
  const sketch = emptySketch()
  for (const value of all) insert(sketch, value)
  return sketch
}
