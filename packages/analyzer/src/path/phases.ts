import type { Execution, Phase } from '../trace/execution.ts'
import type { PathSegment } from './path-segment.ts'

/**
 * Time on the critical path by place. `stepId` absent: between steps (phase `engine`), a pause (`paused`) or a span
 * outside steps. `spanName`: the user's own span inside the step's `work`.
 */
export interface PathTotal {
  readonly stepId: string | undefined
  readonly phase: Phase | 'paused' | undefined
  readonly spanName: string | undefined
  readonly ns: number
  /** The step was only partly on the path, so that its phases were split in proportion. */
  readonly isEstimated: boolean
}

/** Integers that sum exactly to `durationNs`, the largest first. */
export function pathTotals(
  _execution: Execution,
  _path: readonly PathSegment[],
): readonly PathTotal[] {
  return []
}
