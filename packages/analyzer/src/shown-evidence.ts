import { type Counters, countOne } from './baseline/counters.ts'
import { entriesBetween } from './baseline/history.ts'
import { type ShownExecution, slowestOf } from './detect/bottleneck/bottleneck.ts'
import { typicalOf } from './detect/change/change.ts'
import type { Evidence, Finding, FindingChange } from './detect/finding.ts'
import { shownPoints } from './detect/rate/rate-change.ts'
import { ratePoints } from './detect/rate/rate-points.ts'
import type { FlowState } from './flow-state.ts'
import type { IsKept, KeptForFlow } from './kept-executions.ts'
import { presentFindings } from './present-findings.ts'

type Named = Pick<Evidence, 'executionIds' | 'traceIds'>

/**
 * By finding, what a flow's open ones show instead of executions that are not kept any more: after a restart, or without room. Like
 * the executions kept in full, no snapshot has it.
 */
export type ShownEvidence = WeakMap<FlowState, ReadonlyMap<string, Named>>

export interface EvidenceShell {
  readonly kept: KeptForFlow
  readonly shown: ShownEvidence
  readonly counters: Counters
}

/** How often a flow whose evidence is not all there looks for other evidence, in executions. */
const REFRESH_EVERY_COUNT = 10

/**
 * The finding with others as evidence where some that it names are not of these and such show the same; with none it names what it
 * did, whose traces may still lie in some backend.
 */
export function showThese<F extends Finding>(finding: F, flow: FlowState, isOne: IsKept): F {
  const { evidence } = finding
  if (evidence.executionIds.every(isOne)) return finding
  const named = likeIn(finding, flow, isOne)
  return named === undefined ? finding : { ...finding, evidence: { ...evidence, ...named } }
}

/** Keeps what open findings name, now that these changes of them were told. */
export function pinTold(
  flow: FlowState,
  told: readonly FindingChange[],
  shell: EvidenceShell,
): void {
  const before = shell.shown.get(flow)
  if (before !== undefined) {
    const isTold = (id: string) => told.some(({ finding }) => finding.id === id)
    shell.shown.set(flow, new Map([...before].filter(([id]) => !isTold(id))))
  }
  pinShown(flow, shell)
}

/** Whether something that findings name is not kept. */
export function isRefreshDue({ findings, history }: FlowState, kept: KeptForFlow): boolean {
  const isMoment = findings.length > 0 && history.nextSequence % REFRESH_EVERY_COUNT === 0
  return isMoment && !kept.isPinned()
}

/** Lets open findings show kept executions. What was told stays what it was. */
export function refreshEvidence(flow: FlowState, shell: EvidenceShell): void {
  const { isKept } = shell.kept
  const shown = new Map<string, Named>()
  for (const finding of flow.findings) {
    const isWhole = finding.evidence.executionIds.every(isKept)
    const other = isWhole ? undefined : likeIn(finding, flow, isKept)
    if (other !== undefined) shown.set(finding.id, other)
  }
  for (const finding of flow.findings) {
    // Its evidence is that of what it is for.
    const ofCause = finding.kind === 'recommendation' && shown.get(finding.forFindingIds[0] ?? '')
    if (ofCause) shown.set(finding.id, ofCause)
  }
  shell.shown.set(flow, shown)
  pinShown(flow, shell)
}

/** The open findings of a flow as they are now, with executions that are kept where there are any. */
export function findingsNow(
  { shown }: { readonly shown: ShownEvidence },
  flow: FlowState,
): readonly Finding[] {
  return withShown(presentFindings(flow), flow, shown.get(flow))
}

/** Figures go on; evidence stays what was told, since that is kept, or what is shown instead. */
function withShown(
  findings: readonly Finding[],
  flow: FlowState,
  others: ReadonlyMap<string, Named> | undefined,
): readonly Finding[] {
  const told = new Map(flow.findings.map(({ id, evidence }) => [id, evidence]))
  return findings.map((finding) => {
    const named = others?.get(finding.id) ?? told.get(finding.id)
    if (named === undefined) return finding
    const { executionIds, traceIds } = named
    return { ...finding, evidence: { ...finding.evidence, executionIds, traceIds } }
  })
}

/** What became worse comes first, should there be too little room. */
function pinShown(flow: FlowState, { kept, shown, counters }: EvidenceShell): void {
  const findings = withShown(flow.findings, flow, shown.get(flow))
  const rankOf = ({ kind }: Finding) => (kind === 'regression' ? 0 : kind === 'anomaly' ? 1 : 2)
  const inOrder = findings.toSorted((a, b) => rankOf(a) - rankOf(b))
  const refusedCount = kept.pin(inOrder.flatMap(namedBy))
  if (refusedCount > 0) countOne(counters, 'evidence_limit', refusedCount)
}

function namedBy(finding: Finding): readonly string[] {
  const { executionIds } = finding.evidence
  if (finding.kind !== 'regression') return executionIds
  const { onsetExecutionId, causes } = finding
  const onset = onsetExecutionId === undefined ? [] : [onsetExecutionId]
  return [...executionIds, ...onset, ...causes.flatMap((cause) => cause.executionIds)]
}

/** Some of these that show what the finding says; absent where only those that it names do. */
function likeIn(finding: Finding, flow: FlowState, isOne: IsKept): Named | undefined {
  const like = executionsLike(finding, flow, isOne)
  if (like.length === 0) return undefined
  return {
    executionIds: like.map(({ executionId }) => executionId),
    traceIds: like.map(({ traceId }) => traceId),
  }
}

function executionsLike(
  finding: Finding,
  flow: FlowState,
  isOne: IsKept,
): readonly ShownExecution[] {
  const { history, watch } = flow
  const since = (from: number) =>
    entriesBetween(history, from).filter(({ executionId }) => isOne(executionId))
  if (finding.kind === 'bottleneck') return slowestOf(since(watch.detector.baselineStart))
  if (finding.kind !== 'regression') return []
  const change = watch.changes.find(({ id }) => id === finding.id)
  if (change !== undefined) return typicalOf(history, since(change.levelFrom), change.series)
  const rate = watch.rateChanges.find(({ id }) => id === finding.id)
  if (rate === undefined) return []
  const points = ratePoints(flow, rate.place, rate.levelFrom)
  return shownPoints(
    rate.place,
    points.filter(({ executionId }) => isOne(executionId)),
  )
}
