import type { ExecutionReport, ExecutionSpan, Plain } from '@qflow-otel/analyzer'

/** One execution with its path, as the collector answers. */
export type ExecutionAnswer = Plain<ExecutionReport>

export type SpanAnswer = Plain<ExecutionSpan>
