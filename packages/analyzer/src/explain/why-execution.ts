import type { PlaceMs } from '../baseline/observation.ts'
import type { Finding } from '../detect/finding.ts'
import { msFromNs } from '../time/unix-ns.ts'
import type { Execution } from '../trace/execution.ts'
import type { Answer } from './answer.ts'
import type { ExecutionComparison } from './compare.ts'
import { durationWords, percentWords, placeWords } from './words.ts'

/** Parts and excesses that an answer lists. */
const MAX_LISTED_COUNT = 3
/** An execution within this share of the median took as long as usual. */
const USUAL_RATIO = 0.1

/** Why one execution took as long as it did, or how it ended. */
export function whyExecution(input: {
  readonly execution: Execution
  /** Time on its critical path, the largest first. */
  readonly parts: readonly PlaceMs[]
  readonly comparison: ExecutionComparison | undefined
  /** Open findings of its flow. */
  readonly findings: readonly Finding[]
}): Answer {
  const { execution, parts, comparison, findings } = input
  const durationMs = msFromNs(execution.activeNs)
  return {
    about: 'execution',
    id: execution.executionId,
    headline: headline(execution, comparison),
    facts: [
      ...failureFacts(execution),
      ...parts.slice(0, MAX_LISTED_COUNT).map((part) => partFact(part, durationMs)),
      ...comparisonFacts(durationMs, comparison),
      ...pauseFacts(execution),
      ...execution.flags.map((flag) => `The trace is not complete or not clean: ${flag}.`),
      ...findings
        .filter(({ kind }) => kind !== 'recommendation')
        .map(({ sentence }) => `Open in this flow: ${sentence}`),
    ],
    evidence: {
      executionIds: [execution.executionId],
      traceIds: execution.traceIds.slice(0, 5),
      figures: {
        durationMs,
        spanCount: execution.spanCount,
        ...(comparison && { medianMs: comparison.medianMs, comparedCount: comparison.n }),
      },
    },
  }
}

function headline(execution: Execution, comparison: ExecutionComparison | undefined): string {
  const { executionId, flowId, closeReason, status } = execution
  const took = durationWords(msFromNs(execution.activeNs))
  if (closeReason === undefined)
    return `Execution ${executionId} of ${flowId} still runs, ${took} so far.`
  if (status === 'failed' || status === 'aborted') {
    const error = execution.errorType === undefined ? '' : ` with ${execution.errorType}`
    return `Execution ${executionId} of ${flowId} ${status} after ${took}${error}.`
  }
  if (comparison === undefined) {
    return `Execution ${executionId} of ${flowId} took ${took}; too few others are known to compare.`
  }
  const ratio = msFromNs(execution.activeNs) / comparison.medianMs - 1
  const [first] = comparison.excess
  if (Math.abs(ratio) <= USUAL_RATIO || comparison.medianMs === 0) {
    return `Execution ${executionId} of ${flowId} took ${took}, as usual.`
  }
  if (ratio < 0)
    return `Execution ${executionId} of ${flowId} took ${took}, ${percentWords(-ratio)} less than the median.`
  const place = first && `, mostly in ${placeWords(asPlace(first))}`
  return `Execution ${executionId} of ${flowId} took ${took}, ${percentWords(ratio)} more than the median${place ?? ''}.`
}

function failureFacts({ steps }: Execution): string[] {
  return steps
    .filter(({ errorType }) => errorType !== undefined)
    .map(
      ({ stepId, errorType, attemptCount }) =>
        `Step ${stepId} failed with ${errorType} after ${attemptCount} attempt${attemptCount === 1 ? '' : 's'}.`,
    )
}

function partFact({ place, ms }: PlaceMs, durationMs: number): string {
  const share = durationMs > 0 ? ` (${percentWords(ms / durationMs)})` : ''
  return `It waited ${durationWords(ms)}${share} for ${placeWords(place)}.`
}

function comparisonFacts(
  durationMs: number,
  comparison: ExecutionComparison | undefined,
): string[] {
  if (comparison === undefined) return []
  const { medianMs, n, isWithinVariant, percentileRank, excess } = comparison
  const others = `${n} other executions${isWithinVariant ? ' that took the same branches' : ''}`
  const rank =
    `${percentWords(percentileRank)} of ${others} were faster; ` +
    `their median is ${durationWords(medianMs)}, this one took ${durationWords(durationMs)}.`
  const more = excess
    .slice(0, MAX_LISTED_COUNT)
    .map((one) => `${durationWords(one.excessMs)} more than usual in ${placeWords(asPlace(one))}.`)
  return [rank, ...more]
}

function pauseFacts({ durationNs, activeNs }: Execution): string[] {
  const pausedMs = msFromNs(durationNs - activeNs)
  return pausedMs > 0 ? [`It was paused for ${durationWords(pausedMs)}, which is not counted.`] : []
}

function asPlace(excess: ExecutionComparison['excess'][number]): PlaceMs['place'] {
  const { stepId, phase, spanName } = excess
  // The excess comes from path places, whose phases are these.
  return { stepId, phase: phase as PlaceMs['place']['phase'], spanName }
}
