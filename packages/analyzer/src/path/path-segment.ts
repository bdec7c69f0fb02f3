import type { Phase } from '../trace/execution.ts'

/** During [startNs, endNs) the execution was waiting for this span; no span id is a pause between segments. */
export interface PathSegment {
  readonly spanId: string | undefined
  /** The step the span belongs to; absent between steps. */
  readonly stepId: string | undefined
  /** The phase, where the whole step is on the path or a detail span tells it. */
  readonly phase: Phase | 'paused' | undefined
  readonly startNs: number
  readonly endNs: number
}
