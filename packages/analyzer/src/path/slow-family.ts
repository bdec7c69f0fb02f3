import type { Execution, ExecutionSpan } from '../trace/execution.ts'

/** A child in its parent's time, found by looking at every span. The oracles' own view of an execution. */
export interface SlowChild {
  readonly row: number
  readonly startNs: number
  readonly endNs: number
  readonly stepId: string | undefined
}

/** Children that have a place in their parent, in order of rows. O(spans). */
export function slowChildren(
  { spans, durationNs }: Execution,
  parent: number | undefined,
): readonly SlowChild[] {
  const outer = parent === undefined ? undefined : spans[parent]
  const children: SlowChild[] = []
  for (const [row, span] of spans.entries()) {
    if (span.parentRow !== (parent ?? -1)) continue
    if (parent !== undefined && span.name.startsWith('hold')) continue
    const startNs = Math.max(span.startNs, outer?.startNs ?? 0)
    const endNs = Math.min(span.endNs, outer?.endNs ?? durationNs)
    if (startNs <= endNs) children.push({ row, startNs, endNs, stepId: stepIdOf(span) })
  }
  return children
}

function stepIdOf({ role, attributes }: ExecutionSpan): string | undefined {
  return role === 'step' ? String(attributes.get('qflow.step.id')) : undefined
}
