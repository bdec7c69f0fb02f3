// Generated from packages/semconv/registry by `pnpm generate`; edit the registry instead.

/** False alarms per execution of a flow, as the detector measured them itself; absent until it has. Unit: 1. */
export const METRIC_QFLOW_DETECTOR_FALSE_ALARM_RATE = 'qflow.detector.false_alarm.rate'

/** Spans taken from senders. Unit: {span}. */
export const METRIC_OTELCOL_RECEIVER_ACCEPTED_SPANS = 'otelcol_receiver_accepted_spans'

/** Spans that senders were told to send again. Unit: {span}. */
export const METRIC_OTELCOL_RECEIVER_REFUSED_SPANS = 'otelcol_receiver_refused_spans'

/** Spans the backend has. Unit: {span}. */
export const METRIC_OTELCOL_EXPORTER_SENT_SPANS = 'otelcol_exporter_sent_spans'

/** Spans the backend refused, or that were given up or dropped at closing. Unit: {span}. */
export const METRIC_OTELCOL_EXPORTER_SEND_FAILED_SPANS = 'otelcol_exporter_send_failed_spans'

/** Spans for which the queue had no room. Unit: {span}. */
export const METRIC_OTELCOL_EXPORTER_ENQUEUE_FAILED_SPANS = 'otelcol_exporter_enqueue_failed_spans'

/** Metric points taken from senders. Unit: {datapoint}. */
export const METRIC_OTELCOL_RECEIVER_ACCEPTED_METRIC_POINTS = 'otelcol_receiver_accepted_metric_points'

/** Metric points that senders were told to send again. Unit: {datapoint}. */
export const METRIC_OTELCOL_RECEIVER_REFUSED_METRIC_POINTS = 'otelcol_receiver_refused_metric_points'

/** Metric points the backend has. Unit: {datapoint}. */
export const METRIC_OTELCOL_EXPORTER_SENT_METRIC_POINTS = 'otelcol_exporter_sent_metric_points'

/** Metric points the backend refused, or that were given up or dropped at closing. Unit: {datapoint}. */
export const METRIC_OTELCOL_EXPORTER_SEND_FAILED_METRIC_POINTS = 'otelcol_exporter_send_failed_metric_points'

/** Metric points for which the queue had no room. Unit: {datapoint}. */
export const METRIC_OTELCOL_EXPORTER_ENQUEUE_FAILED_METRIC_POINTS = 'otelcol_exporter_enqueue_failed_metric_points'

/** Log records taken from senders. Unit: {record}. */
export const METRIC_OTELCOL_RECEIVER_ACCEPTED_LOG_RECORDS = 'otelcol_receiver_accepted_log_records'

/** Log records that senders were told to send again. Unit: {record}. */
export const METRIC_OTELCOL_RECEIVER_REFUSED_LOG_RECORDS = 'otelcol_receiver_refused_log_records'

/** Log records the backend has. Unit: {record}. */
export const METRIC_OTELCOL_EXPORTER_SENT_LOG_RECORDS = 'otelcol_exporter_sent_log_records'

/** Log records the backend refused, or that were given up or dropped at closing. Unit: {record}. */
export const METRIC_OTELCOL_EXPORTER_SEND_FAILED_LOG_RECORDS = 'otelcol_exporter_send_failed_log_records'

/** Log records for which the queue had no room. Unit: {record}. */
export const METRIC_OTELCOL_EXPORTER_ENQUEUE_FAILED_LOG_RECORDS = 'otelcol_exporter_enqueue_failed_log_records'

/** What waits for the backend. Unit: By. */
export const METRIC_OTELCOL_EXPORTER_QUEUE_SIZE = 'otelcol_exporter_queue_size'

/** Bound of what may wait for the backend. Unit: By. */
export const METRIC_OTELCOL_EXPORTER_QUEUE_CAPACITY = 'otelcol_exporter_queue_capacity'

/** OTLP requests by what became of them. Unit: {request}. */
export const METRIC_QFLOW_COLLECTOR_REQUESTS = 'qflow.collector.requests'

/** Items in accepted requests that could not be read; they were forwarded and not analysed. Unit: {item}. */
export const METRIC_QFLOW_COLLECTOR_INVALID = 'qflow.collector.invalid'

/** Accepted items that never reached the backend. Unit: {item}. */
export const METRIC_QFLOW_COLLECTOR_DROPPED = 'qflow.collector.dropped'

/** Values that were shortened before they were analysed. Unit: {value}. */
export const METRIC_QFLOW_COLLECTOR_CLIPPED = 'qflow.collector.clipped'

/** Time from start to end of an execution segment. Unit: s. */
export const METRIC_QFLOW_EXECUTION_DURATION = 'qflow.execution.duration'

/** Execution segments that run now. Unit: {execution}. */
export const METRIC_QFLOW_EXECUTION_ACTIVE = 'qflow.execution.active'

/** Starts that the engine refused. Unit: {execution}. */
export const METRIC_QFLOW_EXECUTION_REJECTED = 'qflow.execution.rejected'

/** Time from start to end of a step. Unit: s. */
export const METRIC_QFLOW_STEP_DURATION = 'qflow.step.duration'

/** Time of a step's phase. Observed at collection. Unit: s. */
export const METRIC_QFLOW_STEP_PHASE_TIME = 'qflow.step.phase.time'

/** CPU time of the process while the step was open. Observed at collection. Unit: s. */
export const METRIC_QFLOW_STEP_CPU_TIME = 'qflow.step.cpu.time'

/** Used heap after the last major garbage collection. Unit: By. */
export const METRIC_QFLOW_PROCESS_HEAP_AFTER_GC = 'qflow.process.heap.after_gc'

/** Largest heap that the process may have. Unit: By. */
export const METRIC_QFLOW_PROCESS_HEAP_LIMIT = 'qflow.process.heap.limit'

/** Lookups of validation results. Observed at collection. Unit: {lookup}. */
export const METRIC_QFLOW_VALIDATION_CACHE_LOOKUPS = 'qflow.validation.cache.lookups'

/** Resources of a pool and waiters by state. Observed at collection. Unit: {resource}. */
export const METRIC_QFLOW_POOL_USAGE = 'qflow.pool.usage'

/** Time spent waiting for resources of a pool. Observed at collection. Unit: s. */
export const METRIC_QFLOW_POOL_WAIT_DURATION = 'qflow.pool.wait.duration'

/** Acquisitions of a pool. Observed at collection. Unit: {acquisition}. */
export const METRIC_QFLOW_POOL_ACQUISITIONS = 'qflow.pool.acquisitions'

/** Telemetry the instrumentation did not keep. Observed at collection. Unit: {item}. */
export const METRIC_QFLOW_TELEMETRY_DROPPED = 'qflow.telemetry.dropped'

/** Share of the flow's duration that would go if the phase took no time. Unit: 1. */
export const METRIC_QFLOW_BOTTLENECK_SHARE = 'qflow.bottleneck.share'

/** Bottlenecks that are open. Unit: {finding}. */
export const METRIC_QFLOW_BOTTLENECK_COUNT = 'qflow.bottleneck.count'

/** Changes of level that are open. Unit: {finding}. */
export const METRIC_QFLOW_REGRESSION_ACTIVE = 'qflow.regression.active'

/** Change of the level as a ratio of the level before; of an error rate the difference. Unit: 1. */
export const METRIC_QFLOW_REGRESSION_EFFECT = 'qflow.regression.effect'

/** Share of the flow's duration that a recommendation is predicted to save. Unit: 1. */
export const METRIC_QFLOW_RECOMMENDATION_PREDICTED_GAIN = 'qflow.recommendation.predicted_gain'

/** Executions the analyzer closed. Unit: {execution}. */
export const METRIC_QFLOW_ANALYZER_EXECUTIONS = 'qflow.analyzer.executions'

/** Spans the analyzer did not use. Unit: {span}. */
export const METRIC_QFLOW_ANALYZER_DROPPED = 'qflow.analyzer.dropped'
