import type { History } from '../baseline/history.ts'
import type { PlaceMs } from '../baseline/observation.ts'
import { OVERALL_PHASES } from '../baseline/place.ts'
import type { Finding } from '../detect/finding.ts'
import type { QuantileSummary } from '../stats/quantile-interval.ts'
import type { Answer } from './answer.ts'
import { usualParts } from './compare.ts'
import type { DriftReport } from './drift-sentence.ts'
import { type Many, manyFacts } from './many-facts.ts'
import { durationWords, percentWords, placeWords } from './words.ts'

const MAX_LISTED_COUNT = 3

/** How a flow is doing and what holds it up. */
export function whyFlow(input: {
  readonly flowId: string
  readonly executionCount: number
  readonly failedCount: number
  /** Executions still needed before changes are judged. */
  readonly learningLeftCount: number
  readonly durationMs: QuantileSummary
  readonly drift: DriftReport | undefined
  readonly history: History
  readonly many: Many
  readonly findings: readonly Finding[]
  /** Sentences; the newest last. */
  readonly mixShifts: readonly string[]
}): Answer {
  const { flowId, executionCount, failedCount, learningLeftCount, durationMs, drift, findings } =
    input
  const evidence = mostTelling(findings)?.evidence
  const first = headline(input)
  return {
    about: 'flow',
    id: flowId,
    headline: first,
    facts: [
      `${executionCount} executions are known, ${failedCount} of them failed.`,
      ...quantileFacts(durationMs),
      ...(drift === undefined || drift.sentence === first ? [] : [drift.sentence]),
      ...(learningLeftCount > 0
        ? [`Changes are judged after ${learningLeftCount} more executions.`]
        : []),
      ...partFacts(input.history),
      ...manyFacts(flowId, input.many),
      ...byImportance(findings)
        .map(({ sentence }) => sentence)
        .filter((sentence) => sentence !== first),
      ...input.mixShifts.slice(-1),
    ],
    evidence: {
      executionIds: evidence?.executionIds ?? newest(input.history, 'executionId'),
      traceIds: evidence?.traceIds ?? newest(input.history, 'traceId'),
      figures: {
        executionCount,
        failedCount,
        ...(durationMs.p50 && { durationMsP50: durationMs.p50.value }),
        ...(durationMs.p95 && { durationMsP95: durationMs.p95.value }),
      },
    },
  }
}

function headline({
  flowId,
  executionCount,
  learningLeftCount,
  drift,
  findings,
}: Parameters<typeof whyFlow>[0]): string {
  if (executionCount === 0) return `No execution of ${flowId} has finished yet.`
  const finding = mostTelling(findings)
  if (finding !== undefined) return finding.sentence
  if (learningLeftCount > 0)
    return `${flowId} is still being learned; no bottleneck stands out so far.`
  if (drift !== undefined) return drift.sentence
  return `${flowId} is as it was: no change and no bottleneck.`
}

function mostTelling(findings: readonly Finding[]): Finding | undefined {
  return byImportance(findings)[0]
}

/** What went wrong comes before what always was, and advice last. */
function byImportance(findings: readonly Finding[]): Finding[] {
  const rank = (finding: Finding) => {
    if (finding.kind === 'regression') return finding.direction === 'regression' ? 0 : 2
    if (finding.kind === 'bottleneck') return 1
    return finding.kind === 'anomaly' ? 3 : 4
  }
  return [...findings].sort((a, b) => rank(a) - rank(b))
}

function quantileFacts({ n, p50, p95 }: QuantileSummary): string[] {
  if (p50 === undefined) return []
  const ends =
    p50.low === undefined || p50.high === undefined
      ? ''
      : ` (95 % interval ${durationWords(p50.low)} to ${durationWords(p50.high)})`
  const slow = p95 === undefined ? '' : `, 95 % within ${durationWords(p95.value)}`
  return [`The median of ${n} completed is ${durationWords(p50.value)}${ends}${slow}.`]
}

function partFacts(history: History): string[] {
  const parts = usualParts(history)
  const totalMs = parts.reduce((sum, { ms }) => sum + ms, 0)
  return [...spread(parts), ...parts]
    .slice(0, MAX_LISTED_COUNT)
    .map(
      ({ place, ms }) =>
        `${percentWords(ms / totalMs)} of its time is ${placeWords(place)}: ${durationWords(ms)} per execution.`,
    )
}

/** Phases that take more over all steps than anything takes in one place. */
function spread(parts: readonly PlaceMs[]): PlaceMs[] {
  const largestMs = Math.max(0, ...parts.map(({ ms }) => ms))
  return OVERALL_PHASES.flatMap((phase) => {
    const ms = parts.reduce((sum, part) => sum + (part.place.phase === phase ? part.ms : 0), 0)
    const place = { stepId: undefined, phase, spanName: undefined }
    return ms > largestMs ? [{ place, ms }] : []
  }).sort((a, b) => b.ms - a.ms)
}

function newest(history: History, key: 'executionId' | 'traceId'): string[] {
  return history.entries
    .slice(-MAX_LISTED_COUNT)
    .reverse()
    .map((entry) => entry[key])
}
