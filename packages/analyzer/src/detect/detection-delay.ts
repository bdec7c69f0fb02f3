import { type RandomStream, randomStream } from '../stats/random-stream.ts'
import { watchSeries } from './watch-series.ts'

/** After how many executions a slow-down of a size is told. */
export interface DetectionDelay {
  /** 0.25 is a quarter slower. */
  readonly shiftRatio: number
  /** Median over the simulated flows; absent when fewer than half of them told it in time. */
  readonly executionCount: number | undefined
  /** Of the simulated flows, those that told it in time. */
  readonly toldRatio: number
}

interface DelaySettings {
  readonly falseAlarmBudgetExecutions: number
  readonly alertThreshold: number
  readonly minSampleSize: number
  readonly windowSize: number
}

/** Slow-downs that are asked about. */
const SHIFT_RATIOS = [0.05, 0.1, 0.25, 0.5, 1]
/** Executions of calm before each: the baseline is known by then. */
const CALM_COUNT = 200
/** Executions in which a change must be told: a later one is out of reach. */
export const MAX_DELAY_COUNT = 300
/** Simulated flows a size: an odd number has a middle. */
const FLOW_COUNT = 11
/** Executions that follow each other are drawn together, so that their likeness is kept. */
const BLOCK_COUNT = 10

/**
 * The delays for a flow with these durations, the oldest first, at these settings: the detector itself is shown durations drawn
 * from them in blocks, and then slower ones. A shift that does not exceed `alertThreshold` is never told. Seeded: the same values
 * give the same answer. Some 25,000 executions are simulated.
 *
 * Source of the drawing: Künsch, "The Jackknife and the Bootstrap for General Stationary Observations", Ann. Stat. 17 (1989).
 */
export function detectionDelays(
  durationsMs: readonly number[],
  settings: DelaySettings,
): DetectionDelay[] {
  return SHIFT_RATIOS.map((shiftRatio) => {
    if (shiftRatio <= settings.alertThreshold || durationsMs.length === 0)
      return { shiftRatio, executionCount: undefined, toldRatio: 0 }
    const delays = Array.from({ length: FLOW_COUNT }, (_, seed) =>
      delayOf(durationsMs, { seed, shiftRatio, settings }),
    ).sort((a, b) => a - b)
    const middle = delays[(FLOW_COUNT - 1) / 2] ?? Number.POSITIVE_INFINITY
    return {
      shiftRatio,
      executionCount: Number.isFinite(middle) ? middle : undefined,
      toldRatio: delays.filter(Number.isFinite).length / FLOW_COUNT,
    }
  })
}

/** Infinite when the change is not told in time. */
function delayOf(
  durationsMs: readonly number[],
  about: { readonly seed: number; readonly shiftRatio: number; readonly settings: DelaySettings },
): number {
  const { seed, shiftRatio, settings } = about
  const from = Math.max(CALM_COUNT, settings.minSampleSize)
  const draw = blocksOf(durationsMs)
  const random = randomStream(seed + 1)
  const values = Array.from({ length: from + MAX_DELAY_COUNT }, (_, index) =>
    index < from ? draw(random) : draw(random) * (1 + shiftRatio),
  )
  const told = watchSeries(values, settings).changes
  const first = told.find(({ direction, toldIndex }) => direction === 'up' && toldIndex >= from)
  return first === undefined ? Number.POSITIVE_INFINITY : first.toldIndex - from + 1
}

function blocksOf(values: readonly number[]): (random: RandomStream) => number {
  let at = 0
  let left = 0
  return (random) => {
    if (left === 0) {
      at = Math.floor(random() * values.length)
      left = BLOCK_COUNT
    }
    left -= 1
    const value = values[at % values.length] ?? 0
    at += 1
    return value
  }
}
