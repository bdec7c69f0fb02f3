import type { Cause } from '../detect/cause.ts'
import type { Regression, Severity } from '../detect/finding.ts'
import type { RateChange } from '../detect/rate/rate-change.ts'
import { rateLevels, rateSentence } from './rate-sentence.ts'
import { causeWords } from './sentence.ts'

/** A change of a rate with its place, evidence and sentence. */
export function rateFinding(
  change: RateChange,
  flow: { readonly tenant: string; readonly flowId: string },
  causes: readonly Cause[],
): Regression {
  const { place, onset, effect, before, after, typical } = change
  const levels = rateLevels(change)
  const isErrors = place.metric === 'error_rate'
  return {
    kind: 'regression',
    id: change.id,
    tenant: flow.tenant,
    place: {
      flowId: flow.flowId,
      flowVersion: onset.flowVersion,
      stepId: change.failingStepId,
      phase: undefined,
      spanName: undefined,
    },
    class: isErrors ? 'errors' : 'traffic',
    severity: change.direction === 'regression' ? severityOf(change, levels) : 'low',
    state: change.state,
    openedUnixNs: change.opened.unixNs,
    updatedUnixNs: change.updatedUnixNs,
    sentence: rateSentence(flow.flowId, change) + causeWords(causes),
    evidence: {
      executionIds: typical.map(({ executionId }) => executionId),
      traceIds: typical.map(({ traceId }) => traceId),
      figures: isErrors
        ? {
            failureRatioBefore: levels.before,
            failureRatioAfter: levels.after,
            executionBeforeCount: before.n,
            executionAfterCount: after.n,
          }
        : {
            executionsPerHourBefore: levels.before,
            executionsPerHourAfter: levels.after,
            bucketMs: change.bucketMs ?? 0,
            bucketBeforeCount: before.n,
            bucketAfterCount: after.n,
          },
    },
    direction: change.direction,
    metric: place.metric,
    effect,
    level: { unit: isErrors ? 'ratio' : 'per_hour', ...levels },
    onsetExecutionId: onset.executionId,
    onsetUnixNs: onset.unixNs,
    contributions: [],
    causes,
  }
}

/** Executions that fail: Qflow warns from one in twenty on and calls one in ten critical. */
const ERROR_LEVELS: readonly (readonly [Severity, number])[] = [
  ['critical', 0.1],
  ['high', 0.05],
  ['medium', 0.01],
]
/** Traffic that is gone, of what there was: none is left; more than half is. */
const TRAFFIC_LEVELS: readonly (readonly [Severity, number])[] = [
  ['critical', 0.95],
  ['high', 0.5],
  ['medium', 0],
]

function severityOf({ place, effect }: RateChange, levels: { readonly after: number }): Severity {
  const isErrors = place.metric === 'error_rate'
  const size = isErrors ? levels.after : -effect.value
  const table = isErrors ? ERROR_LEVELS : TRAFFIC_LEVELS
  return table.find(([, from]) => size >= from)?.[0] ?? 'low'
}
