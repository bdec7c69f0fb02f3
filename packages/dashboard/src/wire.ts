import type { ExecutionReport, ExecutionSpan, Plain } from '@qflow-otel/analyzer'

/** One execution with its path, as the collector answers. */
export type ExecutionAnswer = Plain<ExecutionReport>

/** One of its spans. */
export type SpanAnswer = Plain<ExecutionSpan>
