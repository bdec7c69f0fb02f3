import { entriesBetween, type History } from '../baseline/history.ts'
import type { Cause } from '../detect/cause.ts'
import type { Change } from '../detect/change.ts'
import { classify } from '../detect/classify.ts'
import type { Contribution, Regression } from '../detect/finding.ts'
import { lostMsPerHour, severityOf } from '../detect/severity.ts'
import { contributions, mainContribution, sumOf } from './contributions.ts'
import { findingPlace } from './finding-place.ts'
import { hitRatio } from './place-causes.ts'
import { regressionSentence } from './sentence.ts'

/** The mean change of the flow over the places of its path, at the level as it was last measured. */
export function changeContributions(change: Change, { places }: History): readonly Contribution[] {
  return contributions(places, { beforeMs: change.partsBeforeMs, afterMs: change.partsAfterMs })
}

/** A change with its place, class, causes, evidence and exact split. */
export function regressionFinding(
  change: Change,
  { history, causes }: { readonly history: History; readonly causes: readonly Cause[] },
  flow: { readonly tenant: string; readonly flowId: string },
): Regression {
  const parts = changeContributions(change, history)
  // Where it lay when it was confirmed: a finding does not wander.
  const opened = { beforeMs: change.partsBeforeMs, afterMs: change.partsOpenedMs }
  const main = mainContribution(contributions(history.places, opened), change.direction)
  const place = main ?? { stepId: undefined, phase: undefined, spanName: undefined, changeMs: 0 }
  const entries = entriesBetween(history, change.levelFrom)
  const meanChangeMs = sumOf(parts)
  const findingClass = classify(place, entries)
  const { effect, onset } = change
  return {
    kind: 'regression',
    id: change.id,
    tenant: flow.tenant,
    place: findingPlace({ flowId: flow.flowId, flowVersion: onset.flowVersion }, place),
    class: findingClass,
    severity: severityOf(lostMsPerHour(meanChangeMs, history, entries)),
    state: change.state,
    openedUnixNs: change.opened.unixNs,
    updatedUnixNs: change.updatedUnixNs,
    sentence: regressionSentence(flow.flowId, change, { parts, causes }),
    evidence: {
      executionIds: change.typical.map(({ executionId }) => executionId),
      traceIds: change.typical.map(({ traceId }) => traceId),
      figures: {
        medianBeforeMs: effect.medianBefore,
        medianAfterMs: effect.medianAfter,
        meanChangeMs,
        executionBeforeCount: change.beforeMs.length,
        executionAfterCount: effect.ratio.n,
        ...(findingClass === 'validation' ? cacheFigures(change, place.stepId) : {}),
      },
    },
    direction: change.direction,
    metric: change.series === undefined ? 'duration' : 'phase',
    effect: effect.ratio,
    medianBeforeMs: effect.medianBefore,
    medianAfterMs: effect.medianAfter,
    onsetExecutionId: onset.executionId,
    onsetUnixNs: onset.unixNs,
    contributions: parts,
    causes,
  }
}

/** Share of lookups that the validation cache answered, where it was measured. */
function cacheFigures(change: Change, stepId: string | undefined): Record<string, number> {
  const before = hitRatio(change.cacheBefore, stepId)
  const after = hitRatio(change.cacheAfter, stepId)
  return {
    ...(before === undefined ? {} : { cacheHitRatioBefore: before }),
    ...(after === undefined ? {} : { cacheHitRatioAfter: after }),
  }
}
