import type { Phase } from '../trace/execution.ts'

/**
 * During [startNs, endNs) the execution was waiting for this span. Without a span it is a pause between segments
 * (phase `paused`), or time of a rootless execution that no span covers (no phase).
 */
export interface PathSegment {
  readonly spanId: string | undefined
  /** Its row in `Execution.spans`: span ids alone may repeat over several traces. */
  readonly spanIndex: number | undefined
  /** The step the span belongs to; absent between steps. */
  readonly stepId: string | undefined
  /** The phase, where the whole step is on the path or a detail span tells it. */
  readonly phase: Phase | 'paused' | undefined
  readonly startNs: number
  readonly endNs: number
}
