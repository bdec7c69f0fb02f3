import type { SpanRecord, StartedExecution } from '../otlp/span-record.ts'
import type { Execution } from './execution.ts'

export interface AssemblerOptions {
  readonly idleMs?: number
  readonly memoryBudgetBytes?: number
  /** What to do with traces without any span of ours: drop them after a while, or let each be an execution. */
  readonly foreignOnly?: 'drop' | 'trace'
}

export interface ArrivalContext {
  readonly tenant?: string
  readonly nowUnixNs: bigint
}

/** An execution that closed; `isReplacement` when spans came late and it had been given out before. */
export interface ClosedExecution {
  readonly execution: Execution
  readonly isReplacement: boolean
}

export interface AssemblerLosses {
  readonly acceptedSpanCount: number
  readonly droppedSpans: Readonly<Record<string, number>>
  readonly closedExecutions: Readonly<Record<string, number>>
  /** Starts that the engine refused; they are no executions. */
  readonly rejectedStartCount: number
}

/** Spans in any order -> executions. */
export class Assembler {
  constructor(_options: AssemblerOptions = {}) {}
  add(_spans: readonly SpanRecord[], _at: ArrivalContext): void {}
  noteStarted(_started: StartedExecution, _at: ArrivalContext): void {}
  /** What closed since the last call, in order of (end, execution id). */
  advance(_nowUnixNs: bigint): readonly ClosedExecution[] {
    return []
  }
  /** Closes everything as `shutdown`. */
  close(_nowUnixNs: bigint): readonly ClosedExecution[] {
    return []
  }
  /** Not yet closed, oldest activity first. */
  running(_query: { tenant?: string; limit?: number } = {}): readonly Execution[] {
    return []
  }
  /** One execution that is still held, running or just closed. */
  execution(_query: { tenant?: string; executionId: string }): Execution | undefined {
    return undefined
  }
  losses(): AssemblerLosses {
    return {
      acceptedSpanCount: 0,
      droppedSpans: {},
      closedExecutions: {},
      rejectedStartCount: 0,
    }
  }
}
