import { normal, randomStream } from '../../packages/analyzer/src/stats/random-stream.ts'
import type { History } from './histories.ts'

/** People who look at a plot: each with an eye of their own. */
const ANNOTATOR_COUNT = 5
/** A step that leads nowhere near twice its standard error is seen by half of them, three times by nearly all. */
const VISIBLE_ERRORS = 4

/**
 * Where each annotator sees steps: the larger a step against the noise and the longer its sides, the likelier, and a
 * value or two beside the truth.
 */
export function annotate({ values, steps, noiseRatio }: History, seed: number): number[][] {
  const random = randomStream(seed)
  return Array.from({ length: ANNOTATOR_COUNT }, () =>
    steps.flatMap(({ index, ratio }, at) => {
      const before = index - (steps[at - 1]?.index ?? 0)
      const after = (steps[at + 1]?.index ?? values.length) - index
      const error = noiseRatio * Math.sqrt(1 / Math.min(before, 30) + 1 / Math.min(after, 30))
      const strength = Math.abs(Math.log1p(ratio)) / error
      const isSeen = strength + normal(random) > VISIBLE_ERRORS
      const place = Math.round(index + normal(random))
      return isSeen ? [Math.min(Math.max(place, 1), values.length - 1)] : []
    }),
  )
}
