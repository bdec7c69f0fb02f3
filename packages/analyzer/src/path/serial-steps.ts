import { ATTR_QFLOW_STEP_GROUP_ID, ATTR_QFLOW_STEP_ID } from '@qflow-otel/semconv'
import type { FlowDefinition } from '../otlp/span-record.ts'
import type { Execution, ExecutionSpan } from '../trace/execution.ts'
import { textOf } from '../trace/span-role.ts'
import { type Families, familyFrom, NONE as NO_ROW, ROOT } from './families.ts'
import { type StepRow, siblingSteps, stepAround } from './sibling-steps.ts'

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
 * beside the group, or beside a span around it, bounds what is saved: a lower bound. O(spans).
 */
export function serialSteps(
  execution: Execution,
  families: Families,
  flow: FlowDefinition | undefined,
): readonly SerialSteps[] {
  if (!execution.spans.some((span) => isNested(execution, span))) return NONE
  const saved = new Map<string, number>()
  for (const [parent, siblings] of siblingSteps(execution)) {
    const container = stepAround(execution, parent)
    if (container === undefined) continue
    const containerId = stepIdOf(execution, container)
    const members = siblings.filter(({ row }) => isGrouped(execution, { row, containerId }, flow))
    const isQueued = members.some(({ run }) => (run.phasesNs.queue ?? 0) > 0)
    if (containerId === undefined || isQueued || members.length < 2) continue
    const savedNs = carriedUp(families, parent, savedInside(families, parent, members))
    if (savedNs > 0) saved.set(containerId, (saved.get(containerId) ?? 0) + savedNs)
  }
  return [...saved].map(([containerId, savedNs]) => ({ containerId, savedNs }))
}

/** A step in another, as most executions have none. */
function isNested({ spans }: Execution, { role, parentRow }: ExecutionSpan): boolean {
  const above = role === 'step' ? spans[parentRow]?.role : undefined
  return above === 'step' || above === 'attempt'
}

function isGrouped(
  execution: Execution,
  { row, containerId }: { row: number; containerId: string | undefined },
  flow: FlowDefinition | undefined,
): boolean {
  const attributes = execution.spans[row]?.attributes
  if (attributes !== undefined && textOf(attributes, ATTR_QFLOW_STEP_GROUP_ID)) return true
  const container = flow?.steps.find(({ id }) => id === containerId)
  return container?.steps?.includes(stepIdOf(execution, row) ?? '') ?? false
}

function stepIdOf({ spans }: Execution, row: number): string | undefined {
  const attributes = spans[row]?.attributes
  return attributes && textOf(attributes, ATTR_QFLOW_STEP_ID)
}

/** By how much the group would have ended earlier, others beside it left where they are. */
function savedInside(families: Families, parent: number, members: readonly StepRow[]): number {
  const startNs = Math.min(...members.map(({ run }) => run.startNs))
  const endNs = Math.max(...members.map(({ run }) => run.endNs))
  const longestNs = Math.max(...members.map(({ run }) => run.endNs - run.startNs))
  const rows = new Set(members.map(({ row }) => row))
  const isOther = (row: number): boolean => !rows.has(row)
  return boundedBy(families, parent, isOther, { endNs, savedNs: endNs - startNs - longestNs })
}

/** What is left of it at the execution's end. */
function carriedUp(families: Families, from: number, insideNs: number): number {
  const { spans, durationNs } = families
  let savedNs = insideNs
  let row = from
  for (let level = 0; row !== ROOT && savedNs > 0; level++) {
    if (level === MAX_LEVELS) return 0
    const own = row
    const parent = spans[own]?.parentRow ?? ROOT
    const ownEndNs = spans[own]?.endNs ?? 0
    // What outlives the span around it was not waited for.
    const endNs = Math.min(ownEndNs, spans[parent]?.endNs ?? durationNs)
    const isOther = (sibling: number): boolean => sibling !== own
    const leftNs = savedNs - (ownEndNs - endNs)
    savedNs = boundedBy(families, parent, isOther, { endNs, savedNs: leftNs })
    row = parent
  }
  return Math.max(0, savedNs)
}

/** An end moves earlier until another child of `parent` is what is waited for; holding a resource is not. */
function boundedBy(
  families: Families,
  parent: number,
  isOther: (row: number) => boolean,
  { endNs, savedNs }: { endNs: number; savedNs: number },
): number {
  const { spans, byStart } = families
  let leftNs = savedNs
  for (let at = familyFrom(families, parent); at < familyFrom(families, parent + 1); at++) {
    const row = byStart[at] ?? NO_ROW
    const span = spans[row]
    if (span === undefined || span.startNs >= endNs) break
    if (isOther(row)) leftNs = Math.min(leftNs, endNs - span.endNs)
  }
  return Math.max(0, leftNs)
}
