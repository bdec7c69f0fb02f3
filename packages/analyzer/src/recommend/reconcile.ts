import { executionRatePerMs } from '../baseline/execution-rate.ts'
import { entriesBetween, type History } from '../baseline/history.ts'
import { WINDOW_COUNT } from '../detect/bottleneck/present-savings.ts'
import { lostMsPerHour, severityOf } from '../detect/bottleneck/severity.ts'
import type { Estimate, Finding, FindingChange, Recommendation } from '../detect/finding.ts'
import { findingId } from '../detect/finding-id.ts'
import { estimateWords } from '../explain/words.ts'
import { unixMsFromNs } from '../time/unix-ns.ts'
import type { Advice, Cause } from './advice.ts'
import { recommenders } from './register.ts'

export interface RecommendInput {
  readonly tenant: string
  readonly flowId: string
  /** Every open finding of the flow, recommendations included, the oldest first. */
  readonly findings: readonly Finding[]
  readonly history: History
  /** First execution of the present level. */
  readonly from: number
  readonly nowUnixNs: bigint
}

/** Less than a twentieth of the flow, surely, is not worth a change of it; once told, what is about as much still is. */
const MIN_GAIN_RATIO = 0.05
/** A gain that left its told interval by less is no news. */
const TELL_GAIN = 0.05
/** On so many times the executions, or so few, a gain is told anew: its interval is another. */
const TELL_COUNT_RATIO = 2

/** What changes about the recommendations now that the findings are these. */
export function reconcile(input: RecommendInput): FindingChange[] {
  const { causes, open, wanted } = advise(input)
  const ended = open
    .filter((one) => !wanted.some((advice) => isSame(one, advice)))
    .map((one) => resolved(one, input.nowUnixNs))
  const changed = wanted.flatMap((advice) => {
    const known = open.find((one) => isSame(one, advice))
    return change(known, recommendation(advice, known, { input, causes }))
  })
  return [...ended, ...changed]
}

/** The open recommendations with the gain that is predicted now, told or not. */
export function presentRecommendations(input: RecommendInput): Recommendation[] {
  const { causes, open, wanted } = advise(input)
  return open.map((known) => {
    const advice = wanted.find((one) => isSame(known, one))
    return advice === undefined ? known : recommendation(advice, known, { input, causes })
  })
}

/** What is asked for, what is told, and what should be. */
function advise(input: RecommendInput) {
  const causes = latestFirst(input.findings.filter((finding): finding is Cause => isCause(finding)))
  const open = input.findings.filter((one): one is Recommendation => one.kind === 'recommendation')
  const wanted = merged(
    causes.flatMap((cause) => {
      const { history, from } = input
      const situation = { cause, history, from }
      return recommenders
        .flatMap((recommend) => recommend(situation) ?? [])
        .filter((advice) => {
          const { low, value } = advice.predictedGain
          const isOfCause = (one: Recommendation) => one.forFindingIds.includes(cause.id)
          const isTold = open.some((one) => isSame(one, advice) && isOfCause(one))
          return (isTold ? value : low) >= MIN_GAIN_RATIO
        })
    }),
  )
  return { causes, open, wanted }
}

/** An improvement asks for nothing. */
function isCause(finding: Finding): boolean {
  if (finding.kind === 'bottleneck') return true
  return finding.kind === 'regression' && finding.direction === 'regression'
}

/** Changes before bottlenecks, whose gain may rest on executions of before the change; the latest change first. */
function latestFirst(causes: readonly Cause[]): Cause[] {
  const onset = (one: Cause) => (one.kind === 'regression' ? unixMsFromNs(one.onsetUnixNs) : 0)
  return [...causes].sort((a, b) => onset(b) - onset(a))
}

/** One recommendation per action and place: several findings may ask for it, and the first one's figures count. */
function merged(all: readonly Advice[]): Advice[] {
  const kept: Advice[] = []
  for (const advice of all) {
    const index = kept.findIndex((one) => one.action === advice.action && isSamePlace(one, advice))
    const known = kept[index]
    if (known === undefined) kept.push(advice)
    else {
      const ids = new Set([...known.forFindingIds, ...advice.forFindingIds])
      kept[index] = { ...known, forFindingIds: [...ids] }
    }
  }
  return kept
}

function recommendation(
  advice: Advice,
  known: Recommendation | undefined,
  { input, causes }: { input: RecommendInput; causes: readonly Cause[] },
): Recommendation {
  const { tenant, flowId, history, from, nowUnixNs } = input
  const { place, predictedGain, figures, ...rest } = advice
  const cause = causes.find(({ id }) => id === advice.forFindingIds[0])
  const entries = entriesBetween(history, from)
  const meanMs = entries.reduce((sum, one) => sum + one.durationMs, 0) / Math.max(1, entries.length)
  return {
    ...rest,
    kind: 'recommendation',
    id: known?.id ?? idOf(advice, { tenant, flowId }),
    tenant,
    place: {
      flowId,
      flowVersion: cause?.place.flowVersion,
      stepId: place.stepId,
      phase: place.phase === 'paused' ? undefined : place.phase,
      spanName: place.spanName,
    },
    severity: severityOf(lostMsPerHour(predictedGain.value * meanMs, history, entries)),
    state: 'open',
    openedUnixNs: known?.openedUnixNs ?? nowUnixNs,
    updatedUnixNs: nowUnixNs,
    sentence: `${advice.advice} Predicted gain: ${estimateWords(predictedGain)}.`,
    evidence: {
      executionIds: cause?.evidence.executionIds ?? [],
      traceIds: cause?.evidence.traceIds ?? [],
      figures: {
        meanDurationMs: meanMs,
        predictedSavedMs: predictedGain.value * meanMs,
        executionsPerSec: executionRatePerMs(history, entries) * 1_000,
        ...figures,
      },
    },
    predictedGain,
  }
}

function idOf(advice: Advice, flow: { tenant: string; flowId: string }): string {
  return findingId({
    ...flow,
    ...advice.place,
    metric: advice.action,
    kind: 'recommendation',
    direction: 'none',
    onsetExecutionId: advice.forFindingIds[0] ?? '',
  })
}

function change(known: Recommendation | undefined, now: Recommendation): FindingChange[] {
  if (known === undefined) return [{ change: 'opened', finding: now }]
  const { value, low, high } = known.predictedGain
  const gain = now.predictedGain.value
  const isSameGain = (gain >= low && gain <= high) || Math.abs(gain - value) < TELL_GAIN
  const isOtherCount = hasOtherCount(known.predictedGain, now.predictedGain)
  // That a finding ended is told by its own end.
  const hasNewCause = now.forFindingIds.some((id) => !known.forFindingIds.includes(id))
  return known.advice === now.advice && isSameGain && !isOtherCount && !hasNewCause
    ? []
    : [{ change: 'updated', finding: now }]
}

/** Whether it rests on far more executions than what was told, on far fewer, or on all that speak for the present. */
function hasOtherCount(told: Estimate, now: Estimate): boolean {
  if (now.n >= TELL_COUNT_RATIO * told.n || told.n >= TELL_COUNT_RATIO * now.n) return true
  return now.n === WINDOW_COUNT && told.n !== WINDOW_COUNT
}

function resolved(known: Recommendation, nowUnixNs: bigint): FindingChange {
  return {
    change: 'resolved',
    finding: { ...known, state: 'resolved', updatedUnixNs: nowUnixNs },
  }
}

function isSame(known: Recommendation, advice: Advice): boolean {
  return known.action === advice.action && isSamePlace(known, advice)
}

/** A span inside a phase is the same place as the phase: findings may name it or not. */
function isSamePlace(
  a: { readonly place: Omit<Advice['place'], 'phase'> & { readonly phase: string | undefined } },
  b: { readonly place: Advice['place'] },
): boolean {
  const isSameSpan = a.place.phase !== undefined || a.place.spanName === b.place.spanName
  return a.place.stepId === b.place.stepId && a.place.phase === b.place.phase && isSameSpan
}
