import {
  normal,
  type RandomStream,
  randomStream,
} from '../../packages/analyzer/src/stats/random-stream.ts'

/** One value of a series and when it came. */
export interface Timed {
  readonly value: number
  readonly unixMs: number
}

/** What healthy values look like: a source that may remember its last value. */
export interface Family {
  readonly name: string
  /** Mean time between values; `low traffic` is slow and irregular. */
  readonly everyMs: number
  readonly kind: 'unimodal' | 'bimodal' | 'autocorrelated' | 'seasonal'
  /** `level` multiplies what is drawn, before it is rounded; 1 unless it is given. */
  source(random: RandomStream): (unixMs: number, level?: number) => number
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** 2026-01-05, a Monday. */
const START_UNIX_MS = 1_767_571_200_000

/** The families that the budget is promised for. Values are ms around 100 unless the name says otherwise. */
export const families: readonly Family[] = [
  unimodal('Gaussian, CV 0.1', (random) => Math.max(0, 100 + 10 * normal(random))),
  unimodal('lognormal, CV 0.1', lognormal(0.1)),
  unimodal('lognormal, CV 0.3', lognormal(0.3)),
  unimodal('lognormal, CV 1', lognormal(1)),
  unimodal(
    'gamma, shape 4',
    (random) =>
      25 * (exponential(random) + exponential(random) + exponential(random) + exponential(random)),
  ),
  unimodal('Pareto tail 1.5', (random) => 50 / (1 - random()) ** (1 / 1.5)),
  {
    name: 'bimodal',
    everyMs: MINUTE_MS,
    kind: 'bimodal',
    source:
      (random) =>
      (_, level = 1) =>
        level * (random() < 0.6 ? 50 : 200) * Math.exp(0.05 * normal(random)),
  },
  {
    name: 'AR(1) 0.5',
    everyMs: MINUTE_MS,
    kind: 'autocorrelated',
    source: autoregressive,
  },
  {
    name: 'hour-of-day season',
    everyMs: 10 * MINUTE_MS,
    kind: 'seasonal',
    source:
      (random) =>
      (unixMs, level = 1) =>
        level * seasonLevel(unixMs) * Math.exp(0.1 * normal(random)),
  },
  {
    ...unimodal('integer ms', () => 0),
    source:
      (random) =>
      (_, level = 1) =>
        Math.round(5 * level * Math.exp(0.3 * normal(random))),
  },
  { ...unimodal('low traffic', lognormal(0.3)), everyMs: 6 * 60 * MINUTE_MS },
]

/** What the hour makes of the level of the seasonal family. */
export function seasonLevel(unixMs: number): number {
  const dayTurns = (unixMs % DAY_MS) / DAY_MS
  return 100 * (1 + 0.2 * Math.sin(2 * Math.PI * dayTurns))
}

/**
 * Values of a family with their times, one after the other: exponential gaps where traffic is low, else even ones. The level is
 * multiplied as `levelAt` says for the index.
 */
export function* drawValues(
  family: Family,
  seed: number,
  levelAt: (index: number) => number = () => 1,
): Generator<Timed, never> {
  const random = randomStream(seed)
  const next = family.source(random)
  let unixMs = START_UNIX_MS
  for (let index = 0; ; index += 1) {
    yield { value: next(unixMs, levelAt(index)), unixMs }
    const gap = family.name === 'low traffic' ? exponential(random) : 1
    unixMs += gap * family.everyMs
  }
}

function unimodal(name: string, draw: (random: RandomStream) => number): Family {
  const source =
    (random: RandomStream) =>
    (_: number, level = 1) =>
      level * draw(random)
  return { name, everyMs: MINUTE_MS, kind: 'unimodal', source }
}

function lognormal(coefficientOfVariation: number): (random: RandomStream) => number {
  const sigma = Math.sqrt(Math.log1p(coefficientOfVariation ** 2))
  return (random) => 100 * Math.exp(sigma * normal(random))
}

function exponential(random: RandomStream): number {
  return -Math.log(1 - random())
}

/** Logs with standard deviation 0.3 that keep half of the last one's distance from the middle. */
function autoregressive(random: RandomStream): (unixMs: number, level?: number) => number {
  const [keep, sigma] = [0.5, 0.3]
  let log = sigma * normal(random)
  return (_, level = 1) => {
    log = keep * log + sigma * Math.sqrt(1 - keep * keep) * normal(random)
    return level * 100 * Math.exp(log)
  }
}
