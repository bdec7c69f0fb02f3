import type { History } from '../baseline/history.ts'
import type { PathPlace } from '../baseline/place.ts'
import type { Bottleneck, Estimate, FindingClass, Regression } from '../detect/finding.ts'

/** A finding that asks for advice. */
export type Cause = Bottleneck | Regression

export interface Situation {
  readonly cause: Cause
  readonly history: History
  /** First execution of the present level. */
  readonly from: number
}

/** A recommendation without its life. */
export interface Advice {
  /** kebab-case, stable. */
  readonly action: string
  readonly place: PathPlace
  readonly class: FindingClass
  readonly advice: string
  readonly predictedGain: Estimate
  readonly assumptions: readonly string[]
  readonly forFindingIds: readonly string[]
  readonly figures: Readonly<Record<string, number>>
}

export type Recommender = (situation: Situation) => Advice | undefined

/**
 * The parts of advice that every recommendation about one finding shares; absent without a predicted gain. It is about
 * the place of the finding unless it names another.
 */
export function adviceFor(
  { cause }: Situation,
  own: {
    readonly action: string
    readonly advice: string
    readonly gain: Estimate | undefined
    readonly place?: PathPlace
    readonly assumptions: readonly string[]
    readonly figures?: Readonly<Record<string, number>>
  },
): Advice | undefined {
  const { action, advice, gain, assumptions, place = cause.place, figures = {} } = own
  if (gain === undefined) return undefined
  return {
    action,
    place,
    class: cause.class,
    advice,
    predictedGain: gain,
    assumptions,
    forFindingIds: [cause.id],
    figures,
  }
}
