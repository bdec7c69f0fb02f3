import type { Execution } from '../trace/execution.ts'
import type { PathSegment } from './path-segment.ts'

/** The chain of spans that determined the execution's end, in time order; tiles [0, durationNs). */
export function criticalPath(_execution: Execution): readonly PathSegment[] {
  return []
}
