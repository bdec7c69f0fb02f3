// Generated from packages/semconv/registry by `pnpm generate`; edit the registry instead.

/** What was said about an alert, or that it is over. */
export const ATTR_QFLOW_ALERT_STATUS = 'qflow.alert.status'
export type QflowAlertStatus = 'open' | 'acknowledged' | 'snoozed' | 'resolved' | 'false-positive'

/** What the findings of an alert have in common; `phase`, `step` and `flow` when it is nothing that others share. */
export const ATTR_QFLOW_ALERT_CAUSE_KIND = 'qflow.alert.cause.kind'

/** Which one of its kind. */
export const ATTR_QFLOW_ALERT_CAUSE_NAME = 'qflow.alert.cause.name'

/** Flows that the alert is about. */
export const ATTR_QFLOW_ALERT_FLOW_COUNT = 'qflow.alert.flow_count'

/** By what a rate of false alarms was measured. */
export const ATTR_QFLOW_DETECTOR_SOURCE = 'qflow.detector.source'
export type QflowDetectorSource = 'replay' | 'verdict'

/** Id of the flow definition. */
export const ATTR_QFLOW_FLOW_ID = 'qflow.flow.id'

/** Version of the flow definition that the execution runs. */
export const ATTR_QFLOW_FLOW_VERSION = 'qflow.flow.version'

/** SHA-256 of the canonical step graph (ids, types, actions, edges; no params), in hex. */
export const ATTR_QFLOW_FLOW_SHA256 = 'qflow.flow.sha256'

/** The step graph as JSON, an array of {id, type, action, onSuccess, onFailure, onTrue, onFalse, steps}. Never holds params. */
export const ATTR_QFLOW_FLOW_GRAPH = 'qflow.flow.graph'

/** Number of steps in the definition. */
export const ATTR_QFLOW_FLOW_STEP_COUNT = 'qflow.flow.step_count'

/** Owner of the definition, an identity; only when an allow-list names it. */
export const ATTR_QFLOW_FLOW_OWNER = 'qflow.flow.owner'

/** Id of the execution, the same in all its segments. */
export const ATTR_QFLOW_EXECUTION_ID = 'qflow.execution.id'

/** Id of the execution whose module-call step started this one. */
export const ATTR_QFLOW_EXECUTION_PARENT_ID = 'qflow.execution.parent.id'

/** Which run of this execution the span covers; 0 is the first, a resume adds one. */
export const ATTR_QFLOW_EXECUTION_SEGMENT = 'qflow.execution.segment'

/** State of the execution when the span ended. */
export const ATTR_QFLOW_EXECUTION_STATUS = 'qflow.execution.status'
export type QflowExecutionStatus = 'completed' | 'failed' | 'paused' | 'aborted' | 'running' | 'rejected'

/** What started the execution. */
export const ATTR_QFLOW_EXECUTION_TRIGGER_TYPE = 'qflow.execution.trigger.type'
export type QflowExecutionTriggerType = 'manual' | 'webhook' | 'event' | 'schedule'

/** Time spent in DAO and billing checks before the first step, in seconds. */
export const ATTR_QFLOW_EXECUTION_ADMISSION_DURATION = 'qflow.execution.admission.duration'

/** DAO subnet the execution runs in. */
export const ATTR_QFLOW_DAO_SUBNET = 'qflow.dao.subnet'

/** Who or what started the execution, an identity; only when an allow-list names it. */
export const ATTR_QFLOW_EXECUTION_TRIGGERED_BY = 'qflow.execution.triggered_by'

/** Permissions the execution was started with, as JSON; only when an allow-list names it, redacted and cut. */
export const ATTR_QFLOW_EXECUTION_PERMISSIONS = 'qflow.execution.permissions'

/** Input data of the execution, as JSON; only when an allow-list names it, redacted and cut. */
export const ATTR_QFLOW_EXECUTION_INPUT = 'qflow.execution.input'

/** Variables of the execution, as JSON; only when an allow-list names it, redacted and cut. */
export const ATTR_QFLOW_EXECUTION_VARIABLES = 'qflow.execution.variables'

/** Id of the step in its flow. */
export const ATTR_QFLOW_STEP_ID = 'qflow.step.id'

/** Type of the step, one of task, condition, parallel, event-trigger, module-call in Qflow itself. */
export const ATTR_QFLOW_STEP_TYPE = 'qflow.step.type'

/** Action of the step. */
export const ATTR_QFLOW_STEP_ACTION = 'qflow.step.action'

/** Id of the parallel group the step ran in. */
export const ATTR_QFLOW_STEP_GROUP_ID = 'qflow.step.group.id'

/** Number of the attempt, from 1. */
export const ATTR_QFLOW_STEP_ATTEMPT = 'qflow.step.attempt'

/** How many attempts the step took; absent when it took one. */
export const ATTR_QFLOW_STEP_ATTEMPT_COUNT = 'qflow.step.attempt_count'

/** Time between the start of the step's parallel group and the step itself, in seconds. */
export const ATTR_QFLOW_STEP_PHASE_QUEUE = 'qflow.step.phase.queue'

/** Time in the validation pipeline, in seconds. */
export const ATTR_QFLOW_STEP_PHASE_VALIDATION = 'qflow.step.phase.validation'

/** Time waiting for a pooled resource, creation included, in seconds. */
export const ATTR_QFLOW_STEP_PHASE_RESOURCE_WAIT = 'qflow.step.phase.resource_wait'

/** Time appending to and validating the ledger, in seconds. */
export const ATTR_QFLOW_STEP_PHASE_LEDGER = 'qflow.step.phase.ledger'

/** Time in the step's own handler less the other phases, in seconds. */
export const ATTR_QFLOW_STEP_PHASE_WORK = 'qflow.step.phase.work'

/** Time between attempts, in seconds. */
export const ATTR_QFLOW_STEP_PHASE_RETRY_BACKOFF = 'qflow.step.phase.retry_backoff'

/** The rest of the step, bus listeners included, in seconds. */
export const ATTR_QFLOW_STEP_PHASE_ENGINE = 'qflow.step.phase.engine'

/** Phases whose hook could not be reached; a phase that is neither here nor an attribute took no time. */
export const ATTR_QFLOW_STEP_PHASES_MISSING = 'qflow.step.phases.missing'

/** The part of a step a time belongs to. */
export const ATTR_QFLOW_PHASE = 'qflow.phase'
export type QflowPhase = 'queue' | 'validation' | 'resource_wait' | 'ledger' | 'work' | 'retry_backoff' | 'engine'

/** CPU time of the process while the step was open, user and system, in seconds; read with qflow.step.resource.attribution. */
export const ATTR_QFLOW_STEP_CPU_TIME = 'qflow.step.cpu.time'

/** Growth of the used heap while the step was open, in bytes; absent when a garbage collection ran in it. */
export const ATTR_QFLOW_STEP_MEMORY_HEAP_GROWTH = 'qflow.step.memory.heap_growth'

/** Whether CPU time and heap growth can belong to this step alone. */
export const ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION = 'qflow.step.resource.attribution'
export type QflowStepResourceAttribution = 'exclusive' | 'shared'

/** Validation layers answered from a cache in this step. */
export const ATTR_QFLOW_STEP_VALIDATION_CACHE_HITS = 'qflow.step.validation.cache.hits'

/** Validation layers that were executed in this step. */
export const ATTR_QFLOW_STEP_VALIDATION_CACHE_MISSES = 'qflow.step.validation.cache.misses'

/** Params of the step, as JSON; only when an allow-list names it, redacted and cut. */
export const ATTR_QFLOW_STEP_PARAMS = 'qflow.step.params'

/** Result of the step, as JSON; only when an allow-list names it, redacted and cut. */
export const ATTR_QFLOW_STEP_RESULT = 'qflow.step.result'

/** Message of the error; only when an allow-list names it, redacted and cut. */
export const ATTR_QFLOW_ERROR_MESSAGE = 'qflow.error.message'

/** Id of the validation layer. */
export const ATTR_QFLOW_VALIDATION_LAYER = 'qflow.validation.layer'

/** Result of the layer or pipeline, as the engine names it. */
export const ATTR_QFLOW_VALIDATION_STATUS = 'qflow.validation.status'

/** Whether the layer's result came from a cache. */
export const ATTR_QFLOW_VALIDATION_CACHED = 'qflow.validation.cached'

/** Result of a validation cache lookup. */
export const ATTR_QFLOW_VALIDATION_CACHE_RESULT = 'qflow.validation.cache.result'
export type QflowValidationCacheResult = 'hit' | 'miss'

/** Name the pool was created under. */
export const ATTR_QFLOW_POOL_NAME = 'qflow.pool.name'

/** State of the counted resources or waiters. */
export const ATTR_QFLOW_POOL_STATE = 'qflow.pool.state'
export type QflowPoolState = 'idle' | 'used' | 'pending'

/** Ledger records of the execution when it was validated. */
export const ATTR_QFLOW_LEDGER_RECORD_COUNT = 'qflow.ledger.record_count'

/** Whether the ledger of the execution was found valid. */
export const ATTR_QFLOW_LEDGER_VALID = 'qflow.ledger.valid'

/** Which admission check ran. */
export const ATTR_QFLOW_CHECK_KIND = 'qflow.check.kind'
export type QflowCheckKind = 'dao' | 'billing'

/** Whether the admission check allowed the execution. */
export const ATTR_QFLOW_CHECK_PASSED = 'qflow.check.passed'

/** The one named reason for which telemetry was not kept. */
export const ATTR_QFLOW_TELEMETRY_DROP_REASON = 'qflow.telemetry.drop.reason'

/** True on a span that its execution was waiting for at some time; absent on all others. */
export const ATTR_QFLOW_CRITICAL_PATH_MEMBER = 'qflow.critical_path.member'

/** Seconds during which the execution was waiting for this very span, and for none of its children. */
export const ATTR_QFLOW_CRITICAL_PATH_TIME = 'qflow.critical_path.time'

/** Stable id of the finding over its whole life. */
export const ATTR_QFLOW_FINDING_ID = 'qflow.finding.id'

/** What kind of time is lost. */
export const ATTR_QFLOW_FINDING_CLASS = 'qflow.finding.class'
export type QflowFindingClass = 'cpu' | 'memory' | 'io' | 'validation' | 'resource-wait' | 'ledger' | 'retry' | 'queue' | 'serial-work' | 'engine' | 'work' | 'errors' | 'traffic'

/** Severity by time lost, milliseconds times executions. */
export const ATTR_QFLOW_FINDING_SEVERITY = 'qflow.finding.severity'
export type QflowFindingSeverity = 'low' | 'medium' | 'high' | 'critical'

/** Direction of a change of level. */
export const ATTR_QFLOW_FINDING_DIRECTION = 'qflow.finding.direction'
export type QflowFindingDirection = 'regression' | 'improvement'

/** What changed its level. */
export const ATTR_QFLOW_FINDING_METRIC = 'qflow.finding.metric'
export type QflowFindingMetric = 'duration' | 'phase' | 'cpu' | 'memory' | 'queue_wait' | 'error_rate' | 'throughput'

/** Size of the effect as a ratio; 0.31 is 31 % slower for a regression, 31 % faster for a bottleneck's virtual speed-up. Of an error rate the difference; 0.05 is five more that fail in a hundred. */
export const ATTR_QFLOW_FINDING_EFFECT_RATIO = 'qflow.finding.effect.ratio'

/** Lower end of the 95 % interval of the effect. */
export const ATTR_QFLOW_FINDING_EFFECT_LOW = 'qflow.finding.effect.low'

/** Upper end of the 95 % interval of the effect. */
export const ATTR_QFLOW_FINDING_EFFECT_HIGH = 'qflow.finding.effect.high'

/** Executions the finding rests on. */
export const ATTR_QFLOW_FINDING_SAMPLE_COUNT = 'qflow.finding.sample_count'

/** First execution after the change. */
export const ATTR_QFLOW_FINDING_ONSET_EXECUTION_ID = 'qflow.finding.onset.execution_id'

/** What kind of thing the likeliest cause of the change is. */
export const ATTR_QFLOW_FINDING_CAUSE_KIND = 'qflow.finding.cause.kind'
export type QflowFindingCauseKind = 'place' | 'flow_version' | 'code_version' | 'mark' | 'host' | 'node' | 'attribute' | 'mix'

/** The likeliest cause in words; absent while none is known. */
export const ATTR_QFLOW_FINDING_CAUSE_NAME = 'qflow.finding.cause.name'

/** What part of the change goes with the likeliest cause; more than 1 where others work against it. */
export const ATTR_QFLOW_FINDING_CAUSE_SHARE = 'qflow.finding.cause.share'

/** Traces that show the finding, at most 5. */
export const ATTR_QFLOW_FINDING_EVIDENCE_TRACE_IDS = 'qflow.finding.evidence.trace_ids'

/** What is recommended. */
export const ATTR_QFLOW_RECOMMENDATION_ACTION = 'qflow.recommendation.action'

/** The one named reason for which a span or execution was not analysed. */
export const ATTR_QFLOW_ANALYZER_DROP_REASON = 'qflow.analyzer.drop.reason'

/** Why the analyzer closed an execution. */
export const ATTR_QFLOW_EXECUTION_CLOSE_REASON = 'qflow.execution.close.reason'
export type QflowExecutionCloseReason = 'root_ended' | 'idle' | 'evicted' | 'shutdown'

/** Class of what the handler threw, else the engine's error type. */
export const ATTR_ERROR_TYPE = 'error.type'

/** Which receiver took or refused the items. */
export const ATTR_RECEIVER = 'receiver'

/** Which exporter sends the items on. */
export const ATTR_EXPORTER = 'exporter'

/** What an OTLP request carries. */
export const ATTR_QFLOW_COLLECTOR_SIGNAL = 'qflow.collector.signal'
export type QflowCollectorSignal = 'traces' | 'metrics' | 'logs'

/** What became of an OTLP request. */
export const ATTR_QFLOW_COLLECTOR_OUTCOME = 'qflow.collector.outcome'
export type QflowCollectorOutcome = 'accepted' | 'undecodable' | 'too_large' | 'unsupported' | 'forbidden' | 'unavailable' | 'aborted' | 'internal_error'

/** Why accepted items never reached the backend. */
export const ATTR_QFLOW_COLLECTOR_DROP_REASON = 'qflow.collector.drop.reason'
export type QflowCollectorDropReason = 'gave_up' | 'closing'

/** The limit to which a value was shortened before it was analysed; what is forwarded stays whole. */
export const ATTR_QFLOW_COLLECTOR_CLIP_REASON = 'qflow.collector.clip.reason'
