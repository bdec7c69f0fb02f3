import { ATTR_QFLOW_STEP_GROUP_ID } from '@qflow-otel/semconv'
import type { FlowDefinition } from '../otlp/span-record.ts'
import type { ExecutionSpan } from '../trace/execution.ts'
import { textOf } from '../trace/span-role.ts'
import { type Families, familyFrom, NONE as NO_ROW, ROOT } from './families.ts'
import { LatestEnds } from './latest-ends.ts'
import { type StepRow, siblingSteps } from './sibling-steps.ts'
import { type SpanForest, stepIdAt } from './span-forest.ts'

/** The execution would have been so much shorter had the steps of this group run at once. */
export interface SerialSteps {
  /** The step around the group. */
  readonly containerId: string
  readonly savedNs: number
}

const NONE: readonly SerialSteps[] = []
/** Groups in groups: what lies deeper is not claimed. */
const MAX_LEVELS = 64

/**
 * Steps that are known not to depend on each other and yet ran one after the other, by the step around them: those of
 * one parallel group, as their spans say or the flow's definition. Of other steps an absent edge proves nothing.
 *
 *   fan   ├──────────────────┤             ├────────────┤
 *     a   ├────────┤               ->      ├────────┤
 *     b             ├────────┤             ├────────┤
 *
 * Where the engine measured their queue they are left out: that is the group's limit, and told as such. Whatever ran
 * beside the group, or beside a span around it, bounds what is saved: a lower bound. O(n log n).
 */
export function serialSteps(
  forest: SpanForest,
  flow: FlowDefinition | undefined,
): readonly SerialSteps[] {
  if (!forest.spans.some((span) => isNested(forest, span))) return NONE
  const membersOf = new Map(flow?.steps.map(({ id, steps }) => [id, new Set(steps)]))
  const ends = new LatestEnds(forest)
  const saved = new Map<string, number>()
  for (const [parent, siblings] of siblingSteps(forest)) {
    const containerId = stepIdAt(forest, parent)
    if (containerId === undefined) continue
    const defined = membersOf.get(containerId)
    const members = siblings.filter(({ row }) => isGrouped(forest, row, defined))
    const isQueued = members.some(({ run }) => (run.phasesNs.queue ?? 0) > 0)
    if (isQueued || members.length < 2) continue
    const savedNs = carriedUp(ends, parent, savedInside(forest, parent, members))
    if (savedNs > 0) saved.set(containerId, (saved.get(containerId) ?? 0) + savedNs)
  }
  return [...saved].map(([containerId, savedNs]) => ({ containerId, savedNs }))
}

/** A step in another, as most executions have none. */
function isNested({ spans }: Families, { role, parentRow }: ExecutionSpan): boolean {
  const above = role === 'step' ? spans[parentRow]?.role : undefined
  return above === 'step' || above === 'attempt'
}

function isGrouped(
  forest: SpanForest,
  row: number,
  defined: ReadonlySet<string> | undefined,
): boolean {
  const attributes = forest.spans[row]?.attributes
  if (attributes !== undefined && textOf(attributes, ATTR_QFLOW_STEP_GROUP_ID)) return true
  return defined?.has(stepIdAt(forest, row) ?? '') ?? false
}

/** By how much the group would have ended earlier, others beside it left where they are. */
function savedInside(families: Families, parent: number, members: readonly StepRow[]): number {
  const { spans, byStart } = families
  let startNs = Number.POSITIVE_INFINITY
  let endNs = 0
  let longestNs = 0
  for (const { run } of members) {
    startNs = Math.min(startNs, run.startNs)
    endNs = Math.max(endNs, run.endNs)
    longestNs = Math.max(longestNs, run.endNs - run.startNs)
  }
  const rows = new Set(members.map(({ row }) => row))
  let othersEndNs = Number.NEGATIVE_INFINITY
  for (let at = familyFrom(families, parent); at < familyFrom(families, parent + 1); at++) {
    const row = byStart[at] ?? NO_ROW
    const span = spans[row]
    if (span === undefined || span.startNs >= endNs) break
    if (!rows.has(row)) othersEndNs = Math.max(othersEndNs, span.endNs)
  }
  return boundedBy(othersEndNs, { endNs, savedNs: endNs - startNs - longestNs })
}

/** What is left of it at the execution's end. */
function carriedUp(ends: LatestEnds, from: number, insideNs: number): number {
  const { spans, durationNs } = ends.families
  let savedNs = insideNs
  let row = from
  for (let level = 0; row !== ROOT && savedNs > 0; level++) {
    if (level === MAX_LEVELS) return 0
    const parent = spans[row]?.parentRow ?? ROOT
    const ownEndNs = spans[row]?.endNs ?? 0
    // What outlives the span around it was not waited for.
    const endNs = Math.min(ownEndNs, spans[parent]?.endNs ?? durationNs)
    const leftNs = savedNs - (ownEndNs - endNs)
    savedNs = boundedBy(ends.besides(row, endNs), { endNs, savedNs: leftNs })
    row = parent
  }
  return Math.max(0, savedNs)
}

/** An end moves earlier until another child of the same parent is what is waited for; holding a resource is not. */
function boundedBy(
  othersEndNs: number,
  { endNs, savedNs }: { readonly endNs: number; readonly savedNs: number },
): number {
  return Math.max(0, Math.min(savedNs, endNs - othersEndNs))
}
