import type { Execution, ExecutionSpan, PathSegment } from '@qflow-otel/analyzer'

/** A row of the waterfall. */
export type DrawnSpan = Omit<ExecutionSpan, 'attributes'>

/** What the terminal draws of an `ExecutionReport` in its JSON form: no attribute is ever printed. */
export interface DrawnExecution {
  readonly execution: Omit<Execution, 'spans' | 'steps' | 'startUnixNs'> & {
    readonly startUnixNs: string
    readonly spans: readonly DrawnSpan[]
  }
  readonly path: readonly PathSegment[]
}
