import { type Interval, studentT95 } from '../../stats/mean-interval.ts'
import type { Segmentation } from './drift.ts'
import { type Split, stepError } from './evidence.ts'

/** How large a step is. */
export interface StepEffect {
  readonly direction: 'up' | 'down'
  readonly before: number
  readonly after: number
  readonly difference: Interval
  readonly ratio: Interval | undefined
}

/**
 * The levels right before and after a change, in the unit of the values, and the step between them with a 95 %
 * interval: Student's t over the standard error of the step of scores, correlation included, carried back to values.
 * `offset` is what was added before the log; without it scores are values.
 */
export function stepEffect(
  { levels, drift }: Segmentation,
  split: Split,
  offset: number | undefined,
): StepEffect {
  const { error, freedom } = stepError(levels, split)
  const step = levels.sums.step(split.start, split.split, split.end)
  const base = levels.sums.mean(split.start, split.split) + (drift?.[split.split] ?? 0)
  const half = studentT95(freedom) * error
  const value = (score: number) => (offset === undefined ? score : Math.exp(score) - offset)
  const n = split.end - split.split
  const before = value(base)
  const [low, after, high] = [step - half, step, step + half].map((one) => value(base + one)) as [
    number,
    number,
    number,
  ]
  const difference = { value: after - before, low: low - before, high: high - before, n }
  const isRatio = offset !== undefined && before > 0 && after > 0
  return {
    direction: step > 0 ? 'up' : 'down',
    before,
    after,
    difference,
    ratio: isRatio
      ? {
          value: difference.value / before,
          low: difference.low / before,
          high: difference.high / before,
          n,
        }
      : undefined,
  }
}
