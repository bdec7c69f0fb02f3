export interface AssemblerOptions {
  /** An execution without a new span for this long is closed as `idle`. */
  readonly idleMs?: number
  /** The same for one whose last segment ended paused: people take their time. */
  readonly pausedIdleMs?: number
  /** Spans of a trace that no execution claims are held this long, since children end before their parents. */
  readonly foreignWaitMs?: number
  /** After closing, late spans re-open and replace for this long. */
  readonly reopenMs?: number
  readonly memoryBudgetBytes?: number
  /** Beyond it spans are dropped as `execution_too_large`, so that one execution cannot push out all others. */
  readonly maxSpansPerExecution?: number
  /** What to do with traces without any span of ours: drop them as `no_execution`, or let each be an execution. */
  readonly foreignOnly?: 'drop' | 'trace'
}

export const ASSEMBLER_DEFAULTS: Required<AssemblerOptions> = {
  idleMs: 10 * 60_000,
  pausedIdleMs: 24 * 3_600_000,
  foreignWaitMs: 10 * 60_000,
  reopenMs: 60_000,
  memoryBudgetBytes: 256 * 1024 * 1024,
  maxSpansPerExecution: 100_000,
  foreignOnly: 'drop',
}

/**
 * How often an execution that ended is given out at the next `advance`, again for late spans; after that only once it
 * is idle, since each time costs as much as all its spans.
 */
export const MAX_PROMPT_COUNT = 16

export interface ArrivalContext {
  readonly tenant?: string
  readonly nowUnixNs: bigint
}

export interface AssemblerLosses {
  readonly acceptedSpanCount: number
  /** By reason; a span is dropped for one reason only. */
  readonly droppedSpans: Readonly<Record<string, number>>
  readonly closedExecutions: Readonly<Record<string, number>>
  /** Starts that the engine refused; they are no executions. */
  readonly rejectedStartCount: number
}
