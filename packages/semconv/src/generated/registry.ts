// Generated from packages/semconv/registry by `pnpm generate`; edit the registry instead.

export interface SemconvRegistry {
  /** Attribute type: string, int, double, boolean, string[], or the list of allowed values. */
  readonly attributes: Readonly<Record<string, string | readonly string[]>>
  /** Span names with {attribute} placeholders, their kinds and the attributes they may carry. */
  readonly spans: readonly {
    readonly name: string
    readonly kinds: readonly string[]
    readonly attributes: readonly string[]
  }[]
  /** The brief is what a metric's description says. */
  readonly metrics: Readonly<
    Record<
      string,
      {
        readonly instrument: string
        readonly unit: string
        readonly brief: string
        readonly attributes: readonly string[]
      }
    >
  >
  readonly events: Readonly<
    Record<string, { readonly brief: string; readonly attributes: readonly string[] }>
  >
}

export const registry: SemconvRegistry = {
  "attributes": {
    "qflow.alert.status": [
      "open",
      "acknowledged",
      "snoozed",
      "resolved",
      "false-positive"
    ],
    "qflow.alert.cause.kind": "string",
    "qflow.alert.cause.name": "string",
    "qflow.alert.flow_count": "int",
    "qflow.detector.source": [
      "replay",
      "verdict"
    ],
    "qflow.flow.id": "string",
    "qflow.flow.version": "string",
    "qflow.flow.sha256": "string",
    "qflow.flow.graph": "string",
    "qflow.flow.step_count": "int",
    "qflow.flow.owner": "string",
    "qflow.execution.id": "string",
    "qflow.execution.parent.id": "string",
    "qflow.execution.segment": "int",
    "qflow.execution.status": [
      "completed",
      "failed",
      "paused",
      "aborted",
      "running",
      "rejected"
    ],
    "qflow.execution.trigger.type": [
      "manual",
      "webhook",
      "event",
      "schedule"
    ],
    "qflow.execution.admission.duration": "double",
    "qflow.dao.subnet": "string",
    "qflow.execution.triggered_by": "string",
    "qflow.execution.permissions": "string",
    "qflow.execution.input": "string",
    "qflow.execution.variables": "string",
    "qflow.step.id": "string",
    "qflow.step.type": "string",
    "qflow.step.action": "string",
    "qflow.step.group.id": "string",
    "qflow.step.attempt": "int",
    "qflow.step.attempt_count": "int",
    "qflow.step.phase.queue": "double",
    "qflow.step.phase.validation": "double",
    "qflow.step.phase.resource_wait": "double",
    "qflow.step.phase.ledger": "double",
    "qflow.step.phase.work": "double",
    "qflow.step.phase.retry_backoff": "double",
    "qflow.step.phase.engine": "double",
    "qflow.step.phases.missing": "string[]",
    "qflow.phase": [
      "queue",
      "validation",
      "resource_wait",
      "ledger",
      "work",
      "retry_backoff",
      "engine"
    ],
    "qflow.step.cpu.time": "double",
    "qflow.step.memory.heap_growth": "int",
    "qflow.step.resource.attribution": [
      "exclusive",
      "shared"
    ],
    "qflow.step.validation.cache.hits": "int",
    "qflow.step.validation.cache.misses": "int",
    "qflow.step.params": "string",
    "qflow.step.result": "string",
    "qflow.error.message": "string",
    "qflow.validation.layer": "string",
    "qflow.validation.status": "string",
    "qflow.validation.cached": "boolean",
    "qflow.validation.cache.result": [
      "hit",
      "miss"
    ],
    "qflow.pool.name": "string",
    "qflow.pool.state": [
      "idle",
      "used",
      "pending"
    ],
    "qflow.ledger.record_count": "int",
    "qflow.ledger.valid": "boolean",
    "qflow.check.kind": [
      "dao",
      "billing"
    ],
    "qflow.check.passed": "boolean",
    "qflow.telemetry.drop.reason": "string",
    "qflow.critical_path.member": "boolean",
    "qflow.critical_path.time": "double",
    "qflow.finding.id": "string",
    "qflow.finding.class": [
      "cpu",
      "memory",
      "io",
      "validation",
      "resource-wait",
      "ledger",
      "retry",
      "queue",
      "serial-work",
      "engine",
      "work",
      "errors",
      "traffic"
    ],
    "qflow.finding.severity": [
      "low",
      "medium",
      "high",
      "critical"
    ],
    "qflow.finding.direction": [
      "regression",
      "improvement"
    ],
    "qflow.finding.metric": [
      "duration",
      "phase",
      "cpu",
      "memory",
      "queue_wait",
      "error_rate",
      "throughput"
    ],
    "qflow.finding.effect.ratio": "double",
    "qflow.finding.effect.low": "double",
    "qflow.finding.effect.high": "double",
    "qflow.finding.sample_count": "int",
    "qflow.finding.onset.execution_id": "string",
    "qflow.finding.cause.kind": [
      "place",
      "flow_version",
      "code_version",
      "mark",
      "host",
      "node",
      "attribute",
      "mix"
    ],
    "qflow.finding.cause.name": "string",
    "qflow.finding.cause.share": "double",
    "qflow.finding.evidence.trace_ids": "string[]",
    "qflow.recommendation.action": "string",
    "qflow.analyzer.drop.reason": "string",
    "qflow.execution.close.reason": [
      "root_ended",
      "idle",
      "evicted",
      "shutdown"
    ],
    "error.type": "string",
    "receiver": "string",
    "exporter": "string",
    "qflow.collector.signal": [
      "traces",
      "metrics",
      "logs"
    ],
    "qflow.collector.outcome": [
      "accepted",
      "undecodable",
      "too_large",
      "unsupported",
      "forbidden",
      "unavailable",
      "aborted",
      "internal_error"
    ],
    "qflow.collector.drop.reason": [
      "gave_up",
      "closing"
    ],
    "qflow.collector.clip.reason": "string"
  },
  "spans": [
    {
      "name": "execute_flow {qflow.flow.id}",
      "kinds": [
        "internal",
        "server",
        "consumer"
      ],
      "attributes": [
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.flow.step_count",
        "qflow.execution.id",
        "qflow.execution.parent.id",
        "qflow.execution.segment",
        "qflow.execution.status",
        "qflow.execution.trigger.type",
        "qflow.execution.admission.duration",
        "qflow.dao.subnet",
        "qflow.flow.owner",
        "qflow.execution.triggered_by",
        "qflow.execution.permissions",
        "qflow.execution.input",
        "qflow.execution.variables",
        "qflow.error.message",
        "error.type"
      ]
    },
    {
      "name": "execute_step {qflow.step.id}",
      "kinds": [
        "internal"
      ],
      "attributes": [
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.execution.id",
        "qflow.step.id",
        "qflow.step.type",
        "qflow.step.action",
        "qflow.step.group.id",
        "qflow.step.attempt_count",
        "qflow.step.phase.queue",
        "qflow.step.phase.validation",
        "qflow.step.phase.resource_wait",
        "qflow.step.phase.ledger",
        "qflow.step.phase.work",
        "qflow.step.phase.retry_backoff",
        "qflow.step.phase.engine",
        "qflow.step.phases.missing",
        "qflow.step.cpu.time",
        "qflow.step.memory.heap_growth",
        "qflow.step.resource.attribution",
        "qflow.step.validation.cache.hits",
        "qflow.step.validation.cache.misses",
        "qflow.step.params",
        "qflow.step.result",
        "qflow.error.message",
        "error.type"
      ]
    },
    {
      "name": "attempt {qflow.step.id}",
      "kinds": [
        "internal"
      ],
      "attributes": [
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.execution.id",
        "qflow.step.id",
        "qflow.step.attempt",
        "error.type"
      ]
    },
    {
      "name": "validate {qflow.validation.layer}",
      "kinds": [
        "internal"
      ],
      "attributes": [
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.execution.id",
        "qflow.step.id",
        "qflow.validation.layer",
        "qflow.validation.status",
        "qflow.validation.cached",
        "error.type"
      ]
    },
    {
      "name": "acquire {qflow.pool.name}",
      "kinds": [
        "internal"
      ],
      "attributes": [
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.execution.id",
        "qflow.step.id",
        "qflow.pool.name",
        "error.type"
      ]
    },
    {
      "name": "hold {qflow.pool.name}",
      "kinds": [
        "internal"
      ],
      "attributes": [
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.execution.id",
        "qflow.step.id",
        "qflow.pool.name",
        "error.type"
      ]
    },
    {
      "name": "ledger append",
      "kinds": [
        "internal"
      ],
      "attributes": [
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.execution.id",
        "qflow.step.id",
        "error.type"
      ]
    },
    {
      "name": "ledger validate",
      "kinds": [
        "internal"
      ],
      "attributes": [
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.execution.id",
        "qflow.step.id",
        "qflow.ledger.record_count",
        "qflow.ledger.valid",
        "error.type"
      ]
    },
    {
      "name": "check {qflow.check.kind}",
      "kinds": [
        "internal"
      ],
      "attributes": [
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.dao.subnet",
        "qflow.check.kind",
        "qflow.check.passed",
        "error.type"
      ]
    }
  ],
  "metrics": {
    "qflow.detector.false_alarm.rate": {
      "instrument": "gauge",
      "unit": "1",
      "brief": "False alarms per execution of a flow, as the detector measured them itself; absent until it has.",
      "attributes": [
        "qflow.detector.source"
      ]
    },
    "otelcol_receiver_accepted_spans": {
      "instrument": "counter",
      "unit": "{span}",
      "brief": "Spans taken from senders.",
      "attributes": [
        "receiver"
      ]
    },
    "otelcol_receiver_refused_spans": {
      "instrument": "counter",
      "unit": "{span}",
      "brief": "Spans that senders were told to send again.",
      "attributes": [
        "receiver"
      ]
    },
    "otelcol_exporter_sent_spans": {
      "instrument": "counter",
      "unit": "{span}",
      "brief": "Spans the backend has.",
      "attributes": [
        "exporter"
      ]
    },
    "otelcol_exporter_send_failed_spans": {
      "instrument": "counter",
      "unit": "{span}",
      "brief": "Spans the backend refused, or that were given up or dropped at closing.",
      "attributes": [
        "exporter"
      ]
    },
    "otelcol_exporter_enqueue_failed_spans": {
      "instrument": "counter",
      "unit": "{span}",
      "brief": "Spans for which the queue had no room.",
      "attributes": [
        "exporter"
      ]
    },
    "otelcol_receiver_accepted_metric_points": {
      "instrument": "counter",
      "unit": "{datapoint}",
      "brief": "Metric points taken from senders.",
      "attributes": [
        "receiver"
      ]
    },
    "otelcol_receiver_refused_metric_points": {
      "instrument": "counter",
      "unit": "{datapoint}",
      "brief": "Metric points that senders were told to send again.",
      "attributes": [
        "receiver"
      ]
    },
    "otelcol_exporter_sent_metric_points": {
      "instrument": "counter",
      "unit": "{datapoint}",
      "brief": "Metric points the backend has.",
      "attributes": [
        "exporter"
      ]
    },
    "otelcol_exporter_send_failed_metric_points": {
      "instrument": "counter",
      "unit": "{datapoint}",
      "brief": "Metric points the backend refused, or that were given up or dropped at closing.",
      "attributes": [
        "exporter"
      ]
    },
    "otelcol_exporter_enqueue_failed_metric_points": {
      "instrument": "counter",
      "unit": "{datapoint}",
      "brief": "Metric points for which the queue had no room.",
      "attributes": [
        "exporter"
      ]
    },
    "otelcol_receiver_accepted_log_records": {
      "instrument": "counter",
      "unit": "{record}",
      "brief": "Log records taken from senders.",
      "attributes": [
        "receiver"
      ]
    },
    "otelcol_receiver_refused_log_records": {
      "instrument": "counter",
      "unit": "{record}",
      "brief": "Log records that senders were told to send again.",
      "attributes": [
        "receiver"
      ]
    },
    "otelcol_exporter_sent_log_records": {
      "instrument": "counter",
      "unit": "{record}",
      "brief": "Log records the backend has.",
      "attributes": [
        "exporter"
      ]
    },
    "otelcol_exporter_send_failed_log_records": {
      "instrument": "counter",
      "unit": "{record}",
      "brief": "Log records the backend refused, or that were given up or dropped at closing.",
      "attributes": [
        "exporter"
      ]
    },
    "otelcol_exporter_enqueue_failed_log_records": {
      "instrument": "counter",
      "unit": "{record}",
      "brief": "Log records for which the queue had no room.",
      "attributes": [
        "exporter"
      ]
    },
    "otelcol_exporter_queue_size": {
      "instrument": "gauge",
      "unit": "By",
      "brief": "What waits for the backend.",
      "attributes": [
        "exporter"
      ]
    },
    "otelcol_exporter_queue_capacity": {
      "instrument": "gauge",
      "unit": "By",
      "brief": "Bound of what may wait for the backend.",
      "attributes": [
        "exporter"
      ]
    },
    "qflow.collector.requests": {
      "instrument": "counter",
      "unit": "{request}",
      "brief": "OTLP requests by what became of them.",
      "attributes": [
        "qflow.collector.signal",
        "qflow.collector.outcome"
      ]
    },
    "qflow.collector.invalid": {
      "instrument": "counter",
      "unit": "{item}",
      "brief": "Items in accepted requests that could not be read; they were forwarded and not analysed.",
      "attributes": [
        "qflow.collector.signal"
      ]
    },
    "qflow.collector.dropped": {
      "instrument": "counter",
      "unit": "{item}",
      "brief": "Accepted items that never reached the backend.",
      "attributes": [
        "qflow.collector.signal",
        "qflow.collector.drop.reason"
      ]
    },
    "qflow.collector.clipped": {
      "instrument": "counter",
      "unit": "{value}",
      "brief": "Values that were shortened before they were analysed.",
      "attributes": [
        "qflow.collector.signal",
        "qflow.collector.clip.reason"
      ]
    },
    "qflow.execution.duration": {
      "instrument": "histogram",
      "unit": "s",
      "brief": "Time from start to end of an execution segment.",
      "attributes": [
        "qflow.flow.id",
        "qflow.execution.trigger.type",
        "qflow.execution.status",
        "error.type"
      ]
    },
    "qflow.execution.active": {
      "instrument": "updowncounter",
      "unit": "{execution}",
      "brief": "Execution segments that run now.",
      "attributes": [
        "qflow.flow.id"
      ]
    },
    "qflow.execution.rejected": {
      "instrument": "counter",
      "unit": "{execution}",
      "brief": "Starts that the engine refused.",
      "attributes": [
        "qflow.flow.id",
        "error.type"
      ]
    },
    "qflow.step.duration": {
      "instrument": "histogram",
      "unit": "s",
      "brief": "Time from start to end of a step.",
      "attributes": [
        "qflow.flow.id",
        "qflow.step.id",
        "error.type"
      ]
    },
    "qflow.step.phase.time": {
      "instrument": "counter",
      "unit": "s",
      "brief": "Time of a step's phase. Observed at collection.",
      "attributes": [
        "qflow.flow.id",
        "qflow.step.id",
        "qflow.phase"
      ]
    },
    "qflow.step.cpu.time": {
      "instrument": "counter",
      "unit": "s",
      "brief": "CPU time of the process while the step was open. Observed at collection.",
      "attributes": [
        "qflow.flow.id",
        "qflow.step.id",
        "qflow.step.resource.attribution"
      ]
    },
    "qflow.process.heap.after_gc": {
      "instrument": "gauge",
      "unit": "By",
      "brief": "Used heap after the last major garbage collection.",
      "attributes": []
    },
    "qflow.process.heap.limit": {
      "instrument": "gauge",
      "unit": "By",
      "brief": "Largest heap that the process may have.",
      "attributes": []
    },
    "qflow.validation.cache.lookups": {
      "instrument": "counter",
      "unit": "{lookup}",
      "brief": "Lookups of validation results. Observed at collection.",
      "attributes": [
        "qflow.validation.cache.result"
      ]
    },
    "qflow.pool.usage": {
      "instrument": "updowncounter",
      "unit": "{resource}",
      "brief": "Resources of a pool and waiters by state. Observed at collection.",
      "attributes": [
        "qflow.pool.name",
        "qflow.pool.state"
      ]
    },
    "qflow.pool.wait.duration": {
      "instrument": "counter",
      "unit": "s",
      "brief": "Time spent waiting for resources of a pool. Observed at collection.",
      "attributes": [
        "qflow.pool.name"
      ]
    },
    "qflow.pool.acquisitions": {
      "instrument": "counter",
      "unit": "{acquisition}",
      "brief": "Acquisitions of a pool. Observed at collection.",
      "attributes": [
        "qflow.pool.name",
        "error.type"
      ]
    },
    "qflow.telemetry.dropped": {
      "instrument": "counter",
      "unit": "{item}",
      "brief": "Telemetry the instrumentation did not keep. Observed at collection.",
      "attributes": [
        "qflow.telemetry.drop.reason"
      ]
    },
    "qflow.bottleneck.share": {
      "instrument": "gauge",
      "unit": "1",
      "brief": "Share of the flow's duration that would go if the phase took no time.",
      "attributes": [
        "qflow.flow.id",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class"
      ]
    },
    "qflow.bottleneck.count": {
      "instrument": "updowncounter",
      "unit": "{finding}",
      "brief": "Bottlenecks that are open.",
      "attributes": [
        "qflow.flow.id",
        "qflow.finding.class"
      ]
    },
    "qflow.regression.active": {
      "instrument": "updowncounter",
      "unit": "{finding}",
      "brief": "Changes of level that are open.",
      "attributes": [
        "qflow.flow.id",
        "qflow.finding.metric",
        "qflow.finding.direction"
      ]
    },
    "qflow.regression.effect": {
      "instrument": "gauge",
      "unit": "1",
      "brief": "Change of the level as a ratio of the level before; of an error rate the difference.",
      "attributes": [
        "qflow.flow.id",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.metric",
        "qflow.finding.direction"
      ]
    },
    "qflow.recommendation.predicted_gain": {
      "instrument": "gauge",
      "unit": "1",
      "brief": "Share of the flow's duration that a recommendation is predicted to save.",
      "attributes": [
        "qflow.flow.id",
        "qflow.step.id",
        "qflow.recommendation.action"
      ]
    },
    "qflow.analyzer.executions": {
      "instrument": "counter",
      "unit": "{execution}",
      "brief": "Executions the analyzer closed.",
      "attributes": [
        "qflow.execution.close.reason"
      ]
    },
    "qflow.analyzer.dropped": {
      "instrument": "counter",
      "unit": "{span}",
      "brief": "Spans the analyzer did not use.",
      "attributes": [
        "qflow.analyzer.drop.reason"
      ]
    }
  },
  "events": {
    "qflow.alert.opened": {
      "brief": "Everything that became slower for one cause: it was found. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.effect.ratio",
        "qflow.finding.effect.low",
        "qflow.finding.effect.high",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids",
        "qflow.alert.status",
        "qflow.alert.cause.kind",
        "qflow.alert.cause.name",
        "qflow.alert.flow_count"
      ]
    },
    "qflow.alert.updated": {
      "brief": "Everything that became slower for one cause: it came back, spread, weighs more, or somebody said something. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.effect.ratio",
        "qflow.finding.effect.low",
        "qflow.finding.effect.high",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids",
        "qflow.alert.status",
        "qflow.alert.cause.kind",
        "qflow.alert.cause.name",
        "qflow.alert.flow_count"
      ]
    },
    "qflow.alert.resolved": {
      "brief": "Everything that became slower for one cause: it is over, or somebody ended it. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.effect.ratio",
        "qflow.finding.effect.low",
        "qflow.finding.effect.high",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids",
        "qflow.alert.status",
        "qflow.alert.cause.kind",
        "qflow.alert.cause.name",
        "qflow.alert.flow_count"
      ]
    },
    "qflow.execution.started": {
      "brief": "An execution started; makes a running flow visible before its root span ends.",
      "attributes": [
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.execution.id",
        "qflow.execution.segment",
        "qflow.execution.trigger.type",
        "qflow.dao.subnet",
        "qflow.execution.parent.id"
      ]
    },
    "qflow.flow.defined": {
      "brief": "A flow definition was seen, once per version; the source of dependency edges.",
      "attributes": [
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.flow.sha256",
        "qflow.flow.graph",
        "qflow.flow.step_count"
      ]
    },
    "qflow.bottleneck.opened": {
      "brief": "A phase whose removal would make the flow faster: it was found. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.direction",
        "qflow.finding.effect.ratio",
        "qflow.finding.effect.low",
        "qflow.finding.effect.high",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids"
      ]
    },
    "qflow.bottleneck.updated": {
      "brief": "A phase whose removal would make the flow faster: it has new evidence. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.direction",
        "qflow.finding.effect.ratio",
        "qflow.finding.effect.low",
        "qflow.finding.effect.high",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids"
      ]
    },
    "qflow.bottleneck.resolved": {
      "brief": "A phase whose removal would make the flow faster: it no longer holds. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.direction",
        "qflow.finding.effect.ratio",
        "qflow.finding.effect.low",
        "qflow.finding.effect.high",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids"
      ]
    },
    "qflow.regression.opened": {
      "brief": "A lasting change of a level: it was found. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.metric",
        "qflow.finding.direction",
        "qflow.finding.effect.ratio",
        "qflow.finding.effect.low",
        "qflow.finding.effect.high",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids",
        "qflow.finding.onset.execution_id",
        "qflow.finding.cause.kind",
        "qflow.finding.cause.name",
        "qflow.finding.cause.share"
      ]
    },
    "qflow.regression.updated": {
      "brief": "A lasting change of a level: it has new evidence. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.metric",
        "qflow.finding.direction",
        "qflow.finding.effect.ratio",
        "qflow.finding.effect.low",
        "qflow.finding.effect.high",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids",
        "qflow.finding.onset.execution_id",
        "qflow.finding.cause.kind",
        "qflow.finding.cause.name",
        "qflow.finding.cause.share"
      ]
    },
    "qflow.regression.resolved": {
      "brief": "A lasting change of a level: it no longer holds. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.metric",
        "qflow.finding.direction",
        "qflow.finding.effect.ratio",
        "qflow.finding.effect.low",
        "qflow.finding.effect.high",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids",
        "qflow.finding.onset.execution_id",
        "qflow.finding.cause.kind",
        "qflow.finding.cause.name",
        "qflow.finding.cause.share"
      ]
    },
    "qflow.anomaly.opened": {
      "brief": "One execution took far longer than healthy ones do: it was found. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.effect.ratio",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids",
        "qflow.finding.onset.execution_id"
      ]
    },
    "qflow.anomaly.updated": {
      "brief": "One execution took far longer than healthy ones do: more were like it. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.effect.ratio",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids",
        "qflow.finding.onset.execution_id"
      ]
    },
    "qflow.anomaly.resolved": {
      "brief": "One execution took far longer than healthy ones do: it is over. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.effect.ratio",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids",
        "qflow.finding.onset.execution_id"
      ]
    },
    "qflow.recommendation.opened": {
      "brief": "Something to do, with its predicted gain: it was found. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.direction",
        "qflow.finding.effect.ratio",
        "qflow.finding.effect.low",
        "qflow.finding.effect.high",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids",
        "qflow.recommendation.action"
      ]
    },
    "qflow.recommendation.updated": {
      "brief": "Something to do, with its predicted gain: it has new evidence. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.direction",
        "qflow.finding.effect.ratio",
        "qflow.finding.effect.low",
        "qflow.finding.effect.high",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids",
        "qflow.recommendation.action"
      ]
    },
    "qflow.recommendation.resolved": {
      "brief": "Something to do, with its predicted gain: it no longer holds. The body is a sentence to display.",
      "attributes": [
        "qflow.finding.id",
        "qflow.flow.id",
        "qflow.flow.version",
        "qflow.step.id",
        "qflow.phase",
        "qflow.finding.class",
        "qflow.finding.severity",
        "qflow.finding.direction",
        "qflow.finding.effect.ratio",
        "qflow.finding.effect.low",
        "qflow.finding.effect.high",
        "qflow.finding.sample_count",
        "qflow.finding.evidence.trace_ids",
        "qflow.recommendation.action"
      ]
    }
  }
}
