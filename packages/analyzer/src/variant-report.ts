import type { HistoryEntry } from './baseline/history-entry.ts'
import type { VariantBaseline, VariantStep } from './baseline/variants.ts'
import { placeSavings } from './detect/bottleneck/place-savings.ts'
import type { FlowState } from './flow-state.ts'
import { criticalPathShares } from './path-shares.ts'
import type { VariantReport } from './report.ts'
import { summarizeQuantiles } from './stats/quantile-interval.ts'
import { shareInterval } from './stats/share-interval.ts'

/** Fewer say nothing of what a variant would gain. */
const MIN_COUNT = 10
/** Where a variant's time goes; the flow's own list has all places. */
const MAX_PLACE_COUNT = 3

/** A flow's variants, the most frequent first, each judged by its own executions alone. */
export function variantReports(flow: FlowState): VariantReport[] {
  const { history } = flow
  const variants = flow.variants.all
  const executionCount = variants.reduce((sum, one) => sum + one.executionCount, 0)
  return variants
    .map((variant, index) => ({ variant, index }))
    .sort((a, b) => b.variant.executionCount - a.variant.executionCount || a.index - b.index)
    .flatMap(({ variant, index }) => {
      const share = shareInterval(variant.executionCount, executionCount)
      const entries = history.entries.filter((entry) => entry.variant === index)
      if (share === undefined) return []
      return [
        {
          steps: variant.key === undefined ? undefined : variant.steps,
          distinct: distinctSteps(variant, variants),
          executionCount: variant.executionCount,
          failedCount: variant.failedCount,
          share,
          durationMs: summarizeQuantiles(variant.durationMs),
          criticalPath: criticalPathShares(history, entries, MAX_PLACE_COUNT),
          speedups: speedupsOf(flow, entries),
        },
      ]
    })
}

/** What tells it from the others: the steps that not every variant has. */
function distinctSteps(variant: VariantBaseline, all: readonly VariantBaseline[]): VariantStep[] {
  const others = all.filter((one) => one.key !== undefined && one !== variant)
  return variant.steps.filter(
    ({ stepId, isFailed }) =>
      !others.every(({ steps }) =>
        steps.some((step) => step.stepId === stepId && step.isFailed === isFailed),
      ),
  )
}

function speedupsOf({ history }: FlowState, entries: readonly HistoryEntry[]) {
  const simulated = entries.filter(({ savingCount }) => savingCount !== undefined)
  if (simulated.length < MIN_COUNT) return []
  return placeSavings(history, simulated).slice(0, MAX_PLACE_COUNT)
}
