import { createRandom } from './random.mjs'

const RESAMPLES = 2_000

/** Ratio of the medians of two paired lists, with a 95 % interval. */
export function ratioInterval(numerators, denominators) {
  return bootstrap(
    numerators.length,
    (picks) =>
      medianOf(picks.map((pick) => numerators[pick])) /
      medianOf(picks.map((pick) => denominators[pick])),
  )
}

/** Mean, with a 95 % interval. */
export function meanInterval(list) {
  return bootstrap(list.length, (picks) => {
    let sum = 0
    for (const pick of picks) sum += list[pick]
    return sum / picks.length
  })
}

export function medianOf(list) {
  const sorted = Float64Array.from(list).sort()
  return sorted[Math.floor(sorted.length / 2)]
}

/** Percentile bootstrap over pairs, seeded: the same measurements give the same interval. */
function bootstrap(count, estimate) {
  const random = createRandom(1)
  const estimates = Float64Array.from({ length: RESAMPLES }, () =>
    estimate(Array.from({ length: count }, () => Math.floor(random() * count))),
  ).sort()
  return {
    value: estimate(Array.from({ length: count }, (_, index) => index)),
    low: estimates[Math.floor(RESAMPLES * 0.025)],
    high: estimates[Math.floor(RESAMPLES * 0.975)],
    n: count,
  }
}
