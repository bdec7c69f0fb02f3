export type { Analyzer, AnalyzerChange, AnalyzerOptions, AnalyzerSnapshot } from './analyzer.ts'
export { MAX_MARK_LENGTH } from './baseline/marks.ts'
export { isOverall, OTHER_PLACE, type PathPlace } from './baseline/place.ts'
export { createAnalyzer } from './create-analyzer.ts'
export type {
  AttributeCause,
  Cause,
  CodeVersionCause,
  DefinitionDifference,
  FlowVersionCause,
  HostCause,
  MarkCause,
  MixCause,
  NodeCause,
  PlaceCause,
} from './detect/cause.ts'
export {
  type DetectionDelay,
  detectionDelays,
  MAX_DELAY_COUNT,
} from './detect/detection-delay.ts'
export type {
  Anomaly,
  Bottleneck,
  Contribution,
  Estimate,
  Evidence,
  Finding,
  FindingChange,
  FindingClass,
  MetricLevel,
  Place,
  Recommendation,
  Regression,
  Severity,
} from './detect/finding.ts'
export {
  type ChangePoint,
  type ChangePointOptions,
  type ChangePoints,
  changePoints,
} from './detect/offline/change-points.ts'
export type { Metric } from './detect/series/series-place.ts'
export { type ToldChange, type ToldChanges, watchSeries } from './detect/watch-series.ts'
export {
  type DetectionSetting,
  type DetectionSettings,
  detectionSettings,
  refuseDetection,
  resolveDetection,
  type SensitivityLevel,
} from './detection-settings.ts'
export {
  ALERT_ACTIONS,
  type AlertAction,
  AlertActionError,
  type AlertActionName,
  MAX_SNOOZE_MS,
} from './explain/alert/act-on-alert.ts'
export type {
  Alert,
  AlertCause,
  AlertChange,
  AlertStatus,
  Calibration,
} from './explain/alert/alert.ts'
export { type JaegerFile, jaegerFile } from './export/jaeger.ts'
export { type SpeedscopeFile, speedscopeFile } from './export/speedscope.ts'
export { type TimedPath, type TimedSegment, timedPath } from './export/timed-path.ts'
export { falseAlarmWords } from './false-alarm-words.ts'
export {
  type FindingEvent,
  falseAlarmMetrics,
  findingEvent,
  findingMetrics,
  lossMetrics,
  MAX_SERIES_PER_METRIC,
  type MetricPoint,
  type TelemetryAttributes,
} from './finding-telemetry.ts'
export { AttributeSplicer, type SplicedSpan } from './otlp/attribute-splicer.ts'
export { OtlpDecodeError } from './otlp/decode-error.ts'
export { encodeAttributes } from './otlp/encode-attributes.ts'
export type { HeapReading } from './otlp/heap-reading.ts'
export { decodeJaegerJson } from './otlp/jaeger-json.ts'
export { findJsonError, type JsonError } from './otlp/json-error.ts'
export { MAX_ID_LENGTH } from './otlp/limits.ts'
export { decodeLogsJson } from './otlp/logs-json.ts'
export { decodeLogsProtobuf } from './otlp/logs-protobuf.ts'
export { decodeMetricsJson } from './otlp/metrics-json.ts'
export { decodeMetricsProtobuf } from './otlp/metrics-protobuf.ts'
export { overlongId } from './otlp/overlong-id.ts'
export type { SpanBatch } from './otlp/span-batch.ts'
export type {
  Attributes,
  AttributeValue,
  DecodedBatch,
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
export { decodeTracesJson, decodeTracesProtobuf, TracesDecoder } from './otlp/traces-decoder.ts'
export { WireError } from './otlp/wire.ts'
export { criticalPath } from './path/critical-path.ts'
export { type FlowOrder, flowOrder } from './path/flow-order.ts'
export type { PathSegment } from './path/path-segment.ts'
export type { PathTotal } from './path/path-total.ts'
export { pathTotals } from './path/phases.ts'
export { durationWith, durationWithout, type Removal, type SpeedUp } from './path/resimulate.ts'
export { type SpanSlack, slack } from './path/slack.ts'
export { type Plain, type PlainAttributeValue, plain } from './plain.ts'
export type {
  AlertReport,
  AlertsReport,
  Answer,
  Concurrency,
  CriticalPathShare,
  DeploymentReport,
  DetectionReport,
  DriftReport,
  ExecutionComparison,
  ExecutionReport,
  ExecutionSummary,
  FalseAlarmReport,
  FlowNoise,
  FlowReport,
  HourReport,
  Losses,
  MixShiftReport,
  OwnPhase,
  PlaceSaving,
  PoolContention,
  PoolHolder,
  PoolUse,
  PoolWaiter,
  ProcessReport,
  QuantileEstimate,
  QuantileSummary,
  QueueReport,
  Report,
  ReportedSegment,
  SlackReport,
  SpeedupCurve,
  StepReport,
  VariantReport,
  VariantStep,
} from './report.ts'
export { SnapshotError } from './snapshot-error.ts'
export { compareSamples, type SampleComparison, type SamplePair } from './stats/compare-samples.ts'
export type { QuantileShift } from './stats/quantile-shift.ts'
export { Assembler } from './trace/assembler.ts'
export type {
  ArrivalContext,
  AssemblerLosses,
  AssemblerOptions,
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
export { PHASES } from './trace/step-phases.ts'
export type { ClosedExecution } from './trace/stored-execution.ts'
