import { stretches } from './segment-sums.ts'

/** A curve over a series: what its level drifts by at each value, about 0. */
export type DriftCurve = Float64Array

/**
 * The polynomial without a constant that, added to levels between the splits, leaves the least squares. O(n degree^2).
 *
 * Each power is a Legendre polynomial over the whole series, centred within every level, so that levels and curve do
 * not take each other's part; the few coefficients follow from their normal equations.
 */
export function driftWithin(
  scores: readonly number[],
  splits: readonly number[],
  degree: number,
): DriftCurve {
  const powers = legendre(scores.length, degree)
  const system = powers.map(() => new Float64Array(degree + 1))
  for (const { start, end } of stretches(splits, scores.length)) {
    const centred = powers.map((power) => centredPart(power, start, end))
    for (const [row, own] of centred.entries()) {
      // A row for each power.
      const equation = system[row] as Float64Array
      for (const [column, other] of centred.entries())
        equation[column] = (equation[column] as number) + product(own, other)
      const part = scores.slice(start, end)
      equation[degree] = (equation[degree] as number) + product(own, part)
    }
  }
  const coefficients = solved(system)
  return Float64Array.from(scores, (_, index) =>
    powers.reduce(
      (sum, power, row) => sum + (coefficients[row] ?? 0) * (power[index] as number),
      0,
    ),
  )
}

/** Two curves on top of each other. */
export function addDrift(one: DriftCurve, other: DriftCurve): DriftCurve {
  return one.map((value, index) => value + (other[index] as number))
}

/** P_1 to P_degree at as many places of [-1, 1]. */
function legendre(count: number, degree: number): Float64Array[] {
  const place = (index: number) => (count < 2 ? 0 : (2 * index) / (count - 1) - 1)
  const powers = [
    new Float64Array(count).fill(1),
    Float64Array.from({ length: count }, (_, at) => place(at)),
  ]
  for (let order = 1; order < degree; order += 1) {
    const [before, last] = [powers[order - 1] as Float64Array, powers[order] as Float64Array]
    powers.push(
      last.map(
        (value, index) =>
          ((2 * order + 1) * place(index) * value - order * (before[index] as number)) /
          (order + 1),
      ),
    )
  }
  return powers.slice(1, degree + 1)
}

function centredPart(power: Float64Array, start: number, end: number): Float64Array {
  const part = power.slice(start, end)
  const mean = part.reduce((sum, value) => sum + value, 0) / part.length
  return part.map((value) => value - mean)
}

function product(one: Float64Array, other: ArrayLike<number>): number {
  let sum = 0
  for (let index = 0; index < one.length; index += 1)
    sum += (one[index] as number) * (other[index] as number)
  return sum
}

/** Below this share of a diagonal there is no telling a power from the others. */
const LEAST_PIVOT_RATIO = 1e-9

/** Gauss's elimination; a power that the levels leave nothing of has the coefficient 0. */
function solved(system: readonly Float64Array[]): number[] {
  const count = system.length
  const scale = Math.max(...system.map((row, at) => row[at] as number), Number.MIN_VALUE)
  for (const [at, pivot] of system.entries()) {
    const diagonal = pivot[at] as number
    if (diagonal <= LEAST_PIVOT_RATIO * scale) continue
    for (const [other, row] of system.entries()) {
      if (other === at) continue
      const factor = (row[at] as number) / diagonal
      for (let column = at; column <= count; column += 1)
        row[column] = (row[column] as number) - factor * (pivot[column] as number)
    }
  }
  return system.map((row, at) => {
    const diagonal = row[at] as number
    return diagonal <= LEAST_PIVOT_RATIO * scale ? 0 : (row[count] as number) / diagonal
  })
}
