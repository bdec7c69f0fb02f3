export type { Analyzer, AnalyzerOptions, AnalyzerSnapshot } from './analyzer.ts'
export { createAnalyzer } from './create-analyzer.ts'
export type {
  Bottleneck,
  Contribution,
  Estimate,
  Evidence,
  Finding,
  FindingChange,
  FindingClass,
  Place,
  Recommendation,
  Regression,
  Severity,
} from './detect/finding.ts'
export {
  type FindingEvent,
  findingEvent,
  findingMetrics,
  lossMetrics,
  MAX_SERIES_PER_METRIC,
  type MetricPoint,
  type TelemetryAttributes,
} from './finding-telemetry.ts'
export type {
  Attributes,
  AttributeValue,
  DecodedLogs,
  DecodedSpans,
  DecodeLosses,
  FlowDefinition,
  FlowDefinitionStep,
  RejectedSpan,
  Resource,
  SpanKind,
  SpanLink,
  SpanRecord,
  StartedExecution,
} from './otlp/span-record.ts'
export { criticalPath } from './path/critical-path.ts'
export type { PathSegment } from './path/path-segment.ts'
export { type PathTotal, pathTotals } from './path/phases.ts'
export { durationWithout, type Removal } from './path/resimulate.ts'
export { type Plain, plain } from './plain.ts'
export type {
  Answer,
  CriticalPathShare,
  ExecutionComparison,
  ExecutionReport,
  ExecutionSummary,
  FlowReport,
  Losses,
  QuantileEstimate,
  QuantileSummary,
  Report,
  StepReport,
} from './report.ts'
export { Assembler } from './trace/assembler.ts'
export type {
  ArrivalContext,
  AssemblerLosses,
  AssemblerOptions,
  ClosedExecution,
} from './trace/assembler-options.ts'
export { buildExecution, type ExecutionInput } from './trace/build-execution.ts'
export type {
  CloseReason,
  Execution,
  ExecutionSpan,
  Phase,
  SpanRole,
  StepRun,
} from './trace/execution.ts'
