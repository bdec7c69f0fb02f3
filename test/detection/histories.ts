import {
  normal,
  type RandomStream,
  randomStream,
} from '../../packages/analyzer/src/stats/random-stream.ts'

/** A generated history of a benchmark, and what is true of it. */
export interface History {
  readonly values: readonly number[]
  /** Indices of the first values of new levels, ascending. */
  readonly steps: readonly Step[]
  /** Standard deviation of the noise, as a share of the level. */
  readonly noiseRatio: number
  readonly traits: Traits
}

interface Step {
  readonly index: number
  /** Level after over level before, less 1. */
  readonly ratio: number
}

/** What is awkward about a history. */
interface Traits {
  readonly tail: 'normal' | 'heavy'
  /** Lag-1 correlation of the noise. */
  readonly correlation: number
  /** Share of values that are outliers. */
  readonly outlierRatio: number
  /** Share of the level gained from the first value to the last. */
  readonly driftRatio: number
}

/** Histories have between these many values, as many short as long ones by factors. */
const COUNT_RANGE = [40, 600] as const
/** Steps lie at least this far from each other and from the ends: with a margin of 5, two nearer ones would be one. */
const LEAST_GAP = 8

/**
 * A history of a benchmark: CV 3-30 %, steps of 3-50 % up and down, every other one with outliers, with drift, with
 * correlated or heavy-tailed noise. `isCalm` has no steps.
 */
export function drawHistory(seed: number, { isCalm }: { isCalm: boolean }): History {
  const random = randomStream(seed)
  const count = Math.round(logUniform(random, COUNT_RANGE))
  const noiseRatio = logUniform(random, [0.03, 0.3])
  const traits = drawTraits(random)
  const steps = isCalm ? [] : drawSteps(random, count)
  const noise = noiseSource(random, noiseRatio, traits)
  let level = 100
  const values = Array.from({ length: count }, (_, index) => {
    const step = steps.find((one) => one.index === index)
    if (step !== undefined) level *= 1 + step.ratio
    const drift = 1 + (traits.driftRatio * index) / count
    const spike = random() < traits.outlierRatio ? 1 + logUniform(random, [0.5, 4]) : 1
    return level * drift * noise() * (random() < 0.2 ? 1 / spike : spike)
  })
  return { values, steps, noiseRatio, traits }
}

function drawTraits(random: RandomStream): Traits {
  return {
    tail: random() < 0.3 ? 'heavy' : 'normal',
    correlation: random() < 0.5 ? 0 : 0.6 * random(),
    outlierRatio: random() < 0.5 ? 0 : 0.04 * random(),
    driftRatio: random() < 0.5 ? 0 : 0.4 * (random() - 0.5),
  }
}

function drawSteps(random: RandomStream, count: number): Step[] {
  const wanted = 1 + Math.floor(random() * Math.min(5, count / 40))
  const steps: Step[] = []
  for (let tried = 0; steps.length < wanted && tried < 100; tried += 1) {
    const index = LEAST_GAP + Math.floor(random() * (count - 2 * LEAST_GAP))
    if (steps.some((step) => Math.abs(step.index - index) < LEAST_GAP)) continue
    const size = logUniform(random, [0.03, 0.5])
    steps.push({ index, ratio: random() < 0.6 ? size : 1 / (1 + size) - 1 })
  }
  return steps.sort((a, b) => a.index - b.index)
}

/** Factors around 1 with the standard deviation `noiseRatio` of logs, which keep a part of the last one's distance. */
function noiseSource(random: RandomStream, noiseRatio: number, traits: Traits): () => number {
  const { correlation, tail } = traits
  const innovation = noiseRatio * Math.sqrt(1 - correlation ** 2)
  let last = 0
  return () => {
    last = correlation * last + innovation * (tail === 'heavy' ? heavy(random) : normal(random))
    return Math.exp(last)
  }
}

/** Student's t with 4 degrees of freedom, scaled to a variance of 1. */
function heavy(random: RandomStream): number {
  const chi = -2 * Math.log((1 - random()) * (1 - random()))
  return normal(random) / Math.sqrt(chi / 4) / Math.SQRT2
}

function logUniform(random: RandomStream, [low, high]: readonly [number, number]): number {
  return low * (high / low) ** random()
}
