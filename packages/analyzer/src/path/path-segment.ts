import type { ExecutionSpan, Phase } from '../trace/execution.ts'

/** During [startNs, endNs) the execution was waiting for `span`; `undefined` is a pause between segments. */
export interface PathSegment {
  readonly span: ExecutionSpan | undefined
  /** The step the span belongs to; absent between steps. */
  readonly stepId: string | undefined
  /** The phase, where the whole step is on the path or a detail span tells it. */
  readonly phase: Phase | 'paused' | undefined
  readonly startNs: number
  readonly endNs: number
}
