import { emptySketch, insert, type Sketch } from '../stats/sketch.ts'
import { type Counters, countOne } from './counters.ts'
import type { Observation, StepFigure } from './observation.ts'

/**
 * The executions of a flow in which the same steps ran with the same outcome: they took the same branches, and only
 * they are alike. How often a step ran (a loop) and in which order (a parallel group) makes no variant of its own.
 */
export interface VariantBaseline {
  /** Sorted, see `variantKey`; absent where all are counted that found no room. */
  readonly key: string | undefined
  /** In the order in which they started in the first of these executions. */
  readonly steps: readonly VariantStep[]
  executionCount: number
  failedCount: number
  /** Of the judged ones. */
  readonly durationMs: Sketch
}

/** A step that ran, however often, and how that ended. */
export interface VariantStep {
  readonly stepId: string
  /** A run of it ended in failure, which is what leads to another branch. */
  readonly isFailed: boolean
}

/** Variants one flow keeps apart; the rest are one. Three conditions in a row have eight. */
const MAX_VARIANT_COUNT = 16
/** A variant of more steps finds no room: it would fill a page and be no help. */
const MAX_STEP_COUNT = 100

/** A flow's variants. Plain data. */
export interface Variants {
  readonly all: VariantBaseline[]
  /** The runs of the last execution without a failed step, and its variant: most executions are like the one before. */
  recent: { readonly stepIds: readonly string[]; readonly index: number } | undefined
}

export function noVariants(): Variants {
  return { all: [], recent: undefined }
}

/**
 * Counts one execution; the index of its variant, which never changes. Refusals are `variant_limit`. O(steps) where the
 * last one ran the same, else O(n log n).
 */
export function rememberVariant(
  variants: Variants,
  { steps, unjudged, durationMs }: Observation,
  counters: Counters,
): number {
  const { all, recent } = variants
  const isLikeRecent = recent !== undefined && isSameRuns(steps, recent.stepIds)
  const index = isLikeRecent ? recent.index : indexOfVariant(all, steps, counters)
  const variant = all[index]
  if (!isLikeRecent && variant?.key !== undefined && !steps.some(({ isFailed }) => isFailed))
    variants.recent = { stepIds: steps.map(({ stepId }) => stepId), index }
  if (variant === undefined) return index
  variant.executionCount += 1
  if (unjudged === 'failed') variant.failedCount += 1
  if (unjudged === undefined) insert(variant.durationMs, durationMs)
  return index
}

function isSameRuns(steps: readonly StepFigure[], stepIds: readonly string[]): boolean {
  if (steps.length !== stepIds.length) return false
  for (let run = 0; run < stepIds.length; run++) {
    const step = steps[run]
    if (step === undefined || step.isFailed || step.stepId !== stepIds[run]) return false
  }
  return true
}

/** The steps that ran, sorted; equal for executions that took the same branches. */
export function variantKey(steps: readonly Pick<StepFigure, 'stepId' | 'isFailed'>[]): string {
  const labels: string[] = []
  for (const step of steps) labels.push(labelOf(step))
  labels.sort()
  let key = ''
  let last: string | undefined
  for (const label of labels) {
    if (label !== last) key += label
    last = label
  }
  return key
}

/** The length keeps two lists of ids from giving one key. */
function labelOf({ stepId, isFailed }: Pick<StepFigure, 'stepId' | 'isFailed'>): string {
  return `${isFailed ? '!' : ''}${stepId.length} ${stepId} `
}

function indexOfVariant(
  variants: VariantBaseline[],
  steps: readonly StepFigure[],
  counters: Counters,
): number {
  const key = variantKey(steps)
  const known = variants.findIndex((one) => one.key === key)
  if (known >= 0) return known
  const keptCount = variants.filter((one) => one.key !== undefined).length
  const distinct = distinctSteps(steps)
  if (keptCount < MAX_VARIANT_COUNT && distinct.length <= MAX_STEP_COUNT) {
    return variants.push(emptyVariant(key, distinct)) - 1
  }
  countOne(counters, 'variant_limit')
  const other = variants.findIndex((one) => one.key === undefined)
  return other >= 0 ? other : variants.push(emptyVariant(undefined, [])) - 1
}

function distinctSteps(steps: readonly StepFigure[]): VariantStep[] {
  const distinct = new Map<string, VariantStep>()
  for (const { stepId, isFailed } of steps) {
    const isAnyFailed = isFailed || (distinct.get(stepId)?.isFailed ?? false)
    distinct.set(stepId, { stepId, isFailed: isAnyFailed })
  }
  return [...distinct.values()]
}

function emptyVariant(key: string | undefined, steps: readonly VariantStep[]): VariantBaseline {
  return { key, steps, executionCount: 0, failedCount: 0, durationMs: emptySketch() }
}
