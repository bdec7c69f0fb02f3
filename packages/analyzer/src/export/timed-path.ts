import { criticalPath } from '../path/critical-path.ts'
import type { PathSegment } from '../path/path-segment.ts'
import { type OwnPhase, ownPhases } from '../path/phases.ts'
import { unixNsAt } from '../time/unix-ns.ts'
import type { Execution, ExecutionSpan } from '../trace/execution.ts'
import { executionIdOf } from '../trace/span-role.ts'

/** During [startUnixNs, endUnixNs) the execution was waiting for this span, and for none of its children. */
export interface TimedSegment {
  /** Absent for a pause, and for time of a rootless execution that no span covers; so are the next two. */
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  readonly spanName: string | undefined
  readonly stepId: string | undefined
  readonly phase: PathSegment['phase']
  /** Of a step's own time; see `ReportedSegment`. */
  readonly ownPhases: readonly OwnPhase[] | undefined
  readonly startUnixNs: bigint
  readonly endUnixNs: bigint
}

/** The critical path of one execution on the wall clock: in order of time, without gap or overlap. */
export interface TimedPath {
  readonly executionId: string
  readonly flowId: string
  readonly traceIds: readonly string[]
  /** The top-level span that covers all others; absent when none does: several segments, or parts of a trace. */
  readonly root: Pick<ExecutionSpan, 'traceId' | 'spanId' | 'name'> | undefined
  /** The root's times; without one those of the execution. The segments tile exactly this. */
  readonly startUnixNs: bigint
  readonly endUnixNs: bigint
  readonly spanCount: number
  readonly closeReason: Execution['closeReason']
  readonly flags: readonly string[]
  readonly segments: readonly TimedSegment[]
}

/**
 * A span that starts before the root or outlives it stretches the execution, and nobody was waiting then: that
 * time is cut off at both ends. O(n log n).
 */
export function timedPath(execution: Execution): TimedPath {
  const { executionId, flowId, traceIds, startUnixNs, spanCount, closeReason, flags } = execution
  const root = coveringRoot(execution)
  const startNs = root?.startNs ?? 0
  const endNs =
    root === undefined ? execution.durationNs : Math.min(root.endNs, execution.durationNs)
  const path = criticalPath(execution)
  const phases = ownPhases(execution, path)
  const inside = path
    .map((segment, index) => ({
      ...segment,
      ownPhases: phases[index],
      startNs: Math.max(segment.startNs, startNs),
      endNs: Math.min(segment.endNs, endNs),
    }))
    .filter((segment) => segment.startNs < segment.endNs)
  const at = (ns: number) => unixNsAt(startUnixNs, ns)
  return {
    executionId,
    flowId,
    traceIds,
    root: root && { traceId: root.traceId, spanId: root.spanId, name: root.name },
    startUnixNs: at(startNs),
    endUnixNs: at(endNs),
    spanCount,
    closeReason,
    flags,
    segments: inside.map((segment) => {
      const span = execution.spans[segment.spanIndex ?? -1]
      return {
        traceId: span?.traceId,
        spanId: span?.spanId,
        spanName: span?.name,
        stepId: segment.stepId,
        phase: segment.phase,
        ownPhases: segment.ownPhases,
        startUnixNs: at(segment.startNs),
        endUnixNs: at(segment.endNs),
      }
    }),
  }
}

/**
 * Of equal ones the first. Spans that lost their parent stand beside the root, mostly within its time. Where some spans
 * name the execution, its extent is theirs, and a span that does not cannot be its root.
 */
function coveringRoot({ spans, executionId }: Execution): ExecutionSpan | undefined {
  const own = spans.filter(({ attributes }) => executionIdOf(attributes) === executionId)
  const tops = (own.length > 0 ? own : spans).filter(({ depth }) => depth === 0)
  const startNs = tops.reduce(
    (least, top) => Math.min(least, top.startNs),
    Number.POSITIVE_INFINITY,
  )
  const endNs = tops.reduce((most, top) => Math.max(most, top.endNs), 0)
  return tops.find((top) => top.startNs === startNs && top.endNs === endNs)
}
