import type { AttributeValue, SpanKind, SpanLink } from '../otlp/span-record.ts'

/** In the order in which an instant with several open phases is given to one of them. */
export type Phase =
  | 'retry_backoff'
  | 'resource_wait'
  | 'validation'
  | 'ledger'
  | 'work'
  | 'queue'
  | 'engine'

/** A length per phase; one that is absent or `undefined` took no time or was not measured. */
export type PhaseLengths = { readonly [P in Phase]?: number | undefined }

export type CloseReason = 'root_ended' | 'idle' | 'evicted' | 'shutdown'

/** What a span is in its execution. `foreign` spans are the user's own (HTTP, database, …). */
export type SpanRole = 'execution' | 'step' | 'attempt' | 'detail' | 'foreign'

/** A span placed in its execution. Times are whole ns after the execution's start, never negative, half-open [startNs, endNs). */
export interface ExecutionSpan {
  readonly spanId: string
  readonly traceId: string
  /** The parent in these rows: what lost its parent hangs under the segment in which it starts. */
  readonly parentSpanId: string | undefined
  /** Row of that parent, always an earlier one; -1 for a top-level span. */
  readonly parentRow: number
  readonly name: string
  readonly kind: SpanKind
  readonly role: SpanRole
  readonly startNs: number
  readonly endNs: number
  readonly isError: boolean
  readonly serviceName: string | undefined
  readonly attributes: ReadonlyMap<string, AttributeValue>
  /** What the span says it followed, here or elsewhere; absent without any. */
  readonly links?: readonly SpanLink[] | undefined
  /** Levels below its top-level span, 0 for a top-level span. */
  readonly depth: number
}

/** One run of one step. The phases that were measured sum exactly to the step's duration. */
export interface StepRun {
  readonly stepId: string
  readonly type: string | undefined
  readonly action: string | undefined
  readonly spanId: string
  readonly startNs: number
  readonly endNs: number
  readonly attemptCount: number
  readonly errorType: string | undefined
  /** ns per phase; a measured phase that took no time is absent and not in `missingPhases`. */
  readonly phasesNs: PhaseLengths
  readonly missingPhases: readonly Phase[]
  readonly cpuNs: number | undefined
  readonly heapGrowthBytes: number | undefined
  readonly attribution: 'exclusive' | 'shared' | undefined
  readonly cacheHits: number | undefined
  readonly cacheMisses: number | undefined
}

/** One execution, closed or asked for while it runs. */
export interface Execution {
  readonly tenant: string
  /** `qflow.execution.id`; the trace id when no span carried one. */
  readonly executionId: string
  readonly flowId: string
  readonly flowVersion: string | undefined
  readonly serviceVersion: string | undefined
  /** `host.name` of the resource, else `service.instance.id`. */
  readonly node: string | undefined
  readonly traceIds: readonly string[]
  readonly parentExecutionId: string | undefined
  readonly triggerType: string | undefined
  /** Executions that it stands for, see `sampledWeight`; absent when that is not known. */
  readonly weight: number | undefined
  readonly startUnixNs: bigint
  /**
   * From the first own start to the end of the last segment, pauses included; to the last end known while no segment
   * ended for good. A step may go on beyond it after an abort (`outlives_root`).
   */
  readonly durationNs: number
  /** Less the gaps between segments. */
  readonly activeNs: number
  readonly status: string | undefined
  readonly errorType: string | undefined
  /** Absent while it runs. */
  readonly closeReason: CloseReason | undefined
  /** Parents before their children, siblings in order of (start, end, span id): the rows of a waterfall. */
  readonly spans: readonly ExecutionSpan[]
  readonly steps: readonly StepRun[]
  readonly spanCount: number
  /** What is not as it should be: `missing_root`, `missing_parent`, `clock_skew`, `duplicate_span`, `unended_span`, … */
  readonly flags: readonly string[]
}
