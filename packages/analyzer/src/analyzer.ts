import type { Finding, FindingChange } from './detect/finding.ts'
import type { DetectionSettings } from './detection-settings.ts'
import type { AlertAction } from './explain/alert/act-on-alert.ts'
import type { AlertChange } from './explain/alert/alert.ts'
import type { HeapReading } from './otlp/heap-reading.ts'
import type { SpanBatch } from './otlp/span-batch.ts'
import type { FlowDefinition, SpanRecord, StartedExecution } from './otlp/span-record.ts'
import type {
  AlertsReport,
  Answer,
  DetectionReport,
  ExecutionReport,
  ExecutionSummary,
  Losses,
  Report,
} from './report.ts'

/** How changes are judged: `detectionSettings` says what each means and does by default. The rest is bounds. */
export interface AnalyzerOptions extends Partial<DetectionSettings> {
  /** How long an execution waits for spans that arrive late before it enters the detectors. */
  readonly latenessMs?: number
  /** An execution without a new span for this long is closed as `idle`. */
  readonly idleMs?: number
  /**
   * Bound of all spans held until their executions are done with. Those kept in full may add a tenth of it and so may definitions of
   * flows; histories, executions that wait for late ones and flows that sleep a quarter each.
   */
  readonly memoryBudgetBytes?: number
  /** Finished executions kept in full per flow, for pages and `why`, besides those that wait and those that findings name. */
  readonly keptExecutionsPerFlow?: number
  /** Flows held as they are; of more, those that were used longest ago sleep as text until they are seen again. */
  readonly activeFlowCount?: number
  /** Beyond it the executions of a new flow are counted as `flow_limit`. */
  readonly maxFlowCount?: number
}

/**
 * Spans in, answers out. Values only: the caller brings time and bytes.
 *
 * `ingest` any batches in any order, `advance` with the clock to close executions and let them enter the
 * detectors, read answers at any time.
 */
export interface Analyzer {
  ingest(spans: readonly SpanRecord[] | SpanBatch, at: { tenant?: string; nowUnixNs: bigint }): void
  /** A running execution becomes visible before its root span ends. */
  noteStarted(started: StartedExecution, at: { tenant?: string; nowUnixNs: bigint }): void
  define(flow: FlowDefinition, at: { tenant?: string }): void
  /**
   * Something that was done at a time and may explain a change: a deployment, a migration, a switch. `text` is cut to 200
   * characters; without a flow it may concern all of the tenant's. The newest 256 of all tenants are kept.
   */
  mark(mark: { tenant?: string; flowId?: string; unixNs: bigint; text: string }): void
  /** How much heap processes used after garbage collections: in order of time for each process; of a late one nothing is kept. */
  noteHeaps(readings: readonly HeapReading[], at: { tenant?: string; nowUnixNs: bigint }): void
  /** Closes what is idle and feeds the detectors; returns what changed since the last call. */
  advance(nowUnixNs: bigint): readonly AnalyzerChange[]
  /** Closes everything (`shutdown`) and feeds it, whatever its lateness. */
  close(nowUnixNs: bigint): readonly AnalyzerChange[]
  report(tenant?: string): Report
  /** Those of the report, without the flows' figures, which take far longer. */
  findings(tenant?: string): readonly Finding[]
  /** Those of the report. */
  alerts(tenant?: string): AlertsReport
  /** What a user says about an alert; returns the change, which `advance` does not tell again. Throws `AlertActionError`. */
  actOnAlert(act: AlertAction & { readonly tenant?: string }): AlertChange
  /** Newest first. */
  executions(query: {
    tenant?: string
    flowId?: string
    limit?: number
  }): readonly ExecutionSummary[]
  execution(query: { tenant?: string; executionId: string }): ExecutionReport | undefined
  /** Explains one execution, or a flow, in words. */
  why(
    query: { tenant?: string; executionId: string } | { tenant?: string; flowId: string },
  ): Answer | undefined
  /** How changes are judged, and what its flows are like: what `detectionDelays` asks. */
  detection(query?: { tenant?: string; flowId?: string }): DetectionReport
  losses(): Losses
  /** Baselines, detector states and open findings as plain JSON data; spans are not part of it. */
  snapshot(): AnalyzerSnapshot
}

/** A step in the life of a finding or of an alert. */
export type AnalyzerChange = FindingChange | AlertChange

export interface AnalyzerSnapshot {
  readonly version: 3
  readonly flows: readonly unknown[]
  /** Of each tenant, with what users said about them. */
  readonly alerts: readonly unknown[]
  readonly findings: readonly unknown[]
  readonly marks: readonly unknown[]
  /** Of processes, with the leaks that are open. */
  readonly memory: unknown
}
