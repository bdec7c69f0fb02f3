import { entriesBetween, type History } from '../baseline/history.ts'
import type { Mark } from '../baseline/marks.ts'
import { isOverall } from '../baseline/place.ts'
import { classify } from '../detect/bottleneck/classify.ts'
import { lostMsPerHour, severityOf } from '../detect/bottleneck/severity.ts'
import type { Cause } from '../detect/cause.ts'
import type { Change } from '../detect/change/change.ts'
import type { Contribution, FindingClass, Regression, Severity } from '../detect/finding.ts'
import { contributions, sumOf } from './contributions.ts'
import { findingPlace } from './finding-place.ts'
import { type MainPlace, openedPlace } from './main-place.ts'
import { markBeforeWords } from './mark-before.ts'
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
  flow: { readonly tenant: string; readonly flowId: string; readonly marks: readonly Mark[] },
): Regression {
  const isTime = change.series === undefined || change.series.metric === 'phase'
  // The change of a step's CPU time or memory is no part of the flow's duration.
  const parts = isTime ? changeContributions(change, history) : []
  const main = isTime ? openedPlace(change, history) : placeOf(change)
  const { place, stepId } = main ?? { place: NOWHERE, stepId: undefined }
  const entries = entriesBetween(history, change.levelFrom)
  const { effect, onset, series } = change
  const findingClass = classOf(series) ?? classify(place, entries)
  const onsetUnixNs = onset.unixNs
  const isOpen = change.state === 'open'
  const before = isOpen ? markBeforeWords(flow.marks, { onsetUnixNs, causes }) : ''
  const meanChangeMs = isTime ? sumOf(parts) : effect.medianAfter - effect.medianBefore
  return {
    kind: 'regression',
    id: change.id,
    tenant: flow.tenant,
    place: findingPlace({ flowId: flow.flowId, flowVersion: onset.flowVersion }, place),
    ...(isOverall(place) && stepId !== undefined && { mainStepId: stepId }),
    class: findingClass,
    severity:
      series?.metric === 'memory'
        ? memorySeverity(effect.medianAfter - effect.medianBefore)
        : severityOf(lostMsPerHour(meanChangeMs, history, entries)),
    state: change.state,
    openedUnixNs: change.opened.unixNs,
    updatedUnixNs: change.updatedUnixNs,
    sentence: regressionSentence(flow.flowId, change, { parts, causes, place }) + before,
    evidence: {
      executionIds: change.typical.map(({ executionId }) => executionId),
      traceIds: change.typical.map(({ traceId }) => traceId),
      figures: {
        ...levelFigures(change),
        ...(isTime ? { meanChangeMs } : {}),
        executionBeforeCount: change.before.length,
        executionAfterCount: effect.ratio.n,
        ...(findingClass === 'validation' ? cacheFigures(change, place.stepId) : {}),
      },
    },
    direction: change.direction,
    metric: series?.metric ?? 'duration',
    effect: effect.ratio,
    level: {
      unit: series?.metric === 'memory' ? 'bytes' : 'ms',
      before: effect.medianBefore,
      after: effect.medianAfter,
    },
    onsetExecutionId: onset.executionId,
    onsetUnixNs,
    contributions: parts,
    causes,
  }
}

const NOWHERE = { stepId: undefined, phase: undefined, spanName: undefined }

/** Of a figure of one step, which no split finds. */
function placeOf({ series }: Change): MainPlace {
  const phase = series?.metric === 'queue_wait' ? 'queue' : undefined
  const stepId = series?.stepId
  return { place: { stepId, phase, spanName: undefined }, stepId }
}

function classOf(series: Change['series']): FindingClass | undefined {
  if (series?.metric === 'cpu' || series?.metric === 'memory') return series.metric
  return series?.metric === 'queue_wait' ? 'queue' : undefined
}

/** A quarter of V8's young generation calls for a collection every few runs, all of it for one in every run. */
function memorySeverity(growthBytes: number): Severity {
  if (growthBytes >= 16 * 2 ** 20) return 'high'
  return growthBytes >= 4 * 2 ** 20 ? 'medium' : 'low'
}

function levelFigures({ series, effect }: Change): Record<string, number> {
  return series?.metric === 'memory'
    ? { medianBeforeBytes: effect.medianBefore, medianAfterBytes: effect.medianAfter }
    : { medianBeforeMs: effect.medianBefore, medianAfterMs: effect.medianAfter }
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
