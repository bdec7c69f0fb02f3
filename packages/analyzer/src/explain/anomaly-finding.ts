import type { History } from '../baseline/history.ts'
import { entriesBetween } from '../baseline/history.ts'
import type { AnomalyStep } from '../detect/anomaly/anomaly-watch.ts'
import { classify } from '../detect/bottleneck/classify.ts'
import type { Anomaly } from '../detect/finding.ts'
import { findingId } from '../detect/finding-id.ts'
import type { ExecutionComparison } from './compare.ts'
import { durationWords, percentWords, shortPlaceWords } from './words.ts'

/** Places that are listed: what took longer than usual. */
export const MAX_EXCESS_COUNT = 3

/** One execution that was far too slow, with where its excess lies. What is known of it stays what it was when it was told. */
export function anomalyFinding(
  { step, incident }: AnomalyStep,
  about: {
    readonly history: History
    /** Of the finding as it was told; absent when it opens. */
    readonly known: Anomaly | undefined
    /** Of the execution; absent when it was told before. */
    readonly comparison: ExecutionComparison | undefined
    readonly flowVersion: string | undefined
  },
  flow: { readonly tenant: string; readonly flowId: string },
): Anomaly {
  const { known, comparison, history } = about
  const excess = known?.excess ?? excessOf(comparison)
  const [main] = excess
  const place = { stepId: main?.stepId, phase: main?.phase, spanName: main?.spanName }
  const phase = place.phase === 'paused' ? undefined : place.phase
  const ids = [incident, ...incident.others]
  return {
    kind: 'anomaly',
    id:
      known?.id ??
      findingId({
        ...flow,
        stepId: undefined,
        phase: undefined,
        metric: 'duration',
        kind: 'anomaly',
        direction: 'up',
        onsetExecutionId: incident.executionId,
      }),
    tenant: flow.tenant,
    place: known?.place ?? {
      flowId: flow.flowId,
      flowVersion: about.flowVersion,
      ...place,
      phase,
    },
    class: known?.class ?? classify(place, entriesBetween(history, incident.sequence)),
    // One execution is worth knowing; many are a change, which has its own weight.
    severity: 'low',
    state: step === 'resolved' ? 'resolved' : 'open',
    openedUnixNs: known?.openedUnixNs ?? incident.endUnixNs,
    updatedUnixNs: incident.endUnixNs,
    sentence: sentenceOf(flow.flowId, { ...incident, excess }),
    evidence: {
      executionIds: ids.map(({ executionId }) => executionId),
      traceIds: ids.map(({ traceId }) => traceId),
      figures: {
        durationMs: incident.durationMs,
        medianMs: incident.medianMs,
        expectedHighMs: incident.expectedMs.high,
        tailRatio: incident.tailRatio,
        executionCount: incident.executionCount,
        comparedCount: incident.n,
      },
    },
    executionId: incident.executionId,
    durationMs: incident.durationMs,
    medianMs: incident.medianMs,
    expectedMs: incident.expectedMs,
    tailRatio: incident.tailRatio,
    n: incident.n,
    executionCount: incident.executionCount,
    excess,
  }
}

function excessOf(comparison: ExecutionComparison | undefined): Anomaly['excess'] {
  return (comparison?.excess ?? []).slice(0, MAX_EXCESS_COUNT).map((one) => ({
    stepId: one.stepId,
    // The excess comes from path places, whose phases are these.
    phase: one.phase as Anomaly['excess'][number]['phase'],
    spanName: one.spanName,
    excessMs: one.excessMs,
  }))
}

/**
 * `execution x of checkout took 1.2 s, where 1 in 3,300 takes as long (median 155 ms, n = 812): +1 s in charge-card › POST
 * payments.example`
 */
function sentenceOf(
  flowId: string,
  anomaly: Pick<
    Anomaly,
    'executionId' | 'durationMs' | 'tailRatio' | 'medianMs' | 'n' | 'executionCount' | 'excess'
  >,
): string {
  const { executionId, durationMs, tailRatio, medianMs, n, executionCount, excess } = anomaly
  const [main] = excess
  const where = main && `: +${durationWords(main.excessMs)} in ${shortPlaceWords(main)}`
  const others =
    executionCount > 1 ? `, and ${executionCount - 1} more soon after it were as unusual` : ''
  return (
    `execution ${executionId} of ${flowId} took ${durationWords(durationMs)}, where ${rarityWords(tailRatio)} as long ` +
    `(median ${durationWords(medianMs)}, n = ${n})${where ?? ''}${others}`
  )
}

function rarityWords(tailRatio: number): string {
  if (tailRatio >= 0.01) return `${percentWords(tailRatio)} take`
  const one = Number((1 / Math.max(tailRatio, 1e-9)).toPrecision(2))
  return one >= 1e6 ? 'fewer than 1 in a million take' : `1 in ${one.toLocaleString('en')} takes`
}
