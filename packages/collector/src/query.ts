import {
  type Alert,
  type AlertActionName,
  type AlertsReport,
  type Analyzer,
  type Answer,
  type DetectionReport,
  type ExecutionReport,
  type ExecutionSummary,
  type Finding,
  MAX_MARK_LENGTH,
  type Plain,
  plain,
  type Report,
} from '@qflow-otel/analyzer'

/** Grows when a member of an answer changes its meaning or goes; new members do not count. */
export const QUERY_SCHEMA_VERSION = 1

interface Versioned {
  readonly schemaVersion: typeof QUERY_SCHEMA_VERSION
}

export interface ReportAnswer extends Versioned {
  readonly report: Plain<Report>
}

export interface ExecutionsAnswer extends Versioned {
  readonly executions: readonly Plain<ExecutionSummary>[]
}

export interface ExecutionAnswer extends Versioned {
  readonly execution: Plain<ExecutionReport>
}

export interface FindingsAnswer extends Versioned {
  readonly findings: readonly Plain<Finding>[]
}

export interface AlertsAnswer extends Versioned, Plain<AlertsReport> {}

export interface AlertAnswer extends Versioned {
  readonly alert: Plain<Alert>
}

export interface DetectionAnswer extends Versioned {
  readonly detection: Plain<DetectionReport>
}

export interface WhyAnswer extends Versioned {
  readonly answer: Plain<Answer>
}

export interface MarkAnswer extends Versioned {
  readonly mark: {
    readonly text: string
    readonly unixNs: string
    readonly flowId: string | undefined
  }
}

/** What a question may be about: one execution or one flow. */
export type WhyAbout = { readonly executionId: string } | { readonly flowId: string }

export const DEFAULT_EXECUTION_LIMIT = 100
export const MAX_EXECUTION_LIMIT = 1_000

/** What the one tenant of a collector without tokens is called. */
export const DEFAULT_TENANT = 'default'

/** Everything that is known: flows, findings, losses. */
export function queryReport(analyzer: Analyzer): ReportAnswer {
  return versioned({ report: plain(analyzer.report()) })
}

/** Executions, newest first; `limit` is 1 to 1,000. */
export function queryExecutions(
  analyzer: Analyzer,
  query: { readonly flowId?: string; readonly limit?: number } = {},
): ExecutionsAnswer {
  const limit = Math.min(Math.max(query.limit ?? DEFAULT_EXECUTION_LIMIT, 1), MAX_EXECUTION_LIMIT)
  return versioned({ executions: plain(analyzer.executions({ ...query, limit })) })
}

/** One execution with its critical path; absent when it is not, or no longer, known. */
export function queryExecution(
  analyzer: Analyzer,
  executionId: string,
): ExecutionAnswer | undefined {
  const execution = analyzer.execution({ executionId })
  return execution && versioned({ execution: plain(execution) })
}

export function queryFindings(analyzer: Analyzer): FindingsAnswer {
  return versioned({ findings: plain(analyzer.findings()) })
}

/** What became worse, once for each cause, and what users said about it. */
export function queryAlerts(analyzer: Analyzer): AlertsAnswer {
  return versioned(plain(analyzer.alerts()))
}

/** What a user does with an alert. */
export interface AlertRequest {
  readonly alertId: string
  readonly action: AlertActionName
  /** Of a snooze: how long it lasts. */
  readonly forMs?: number
}

/** The alert as it is afterwards; `act` does it. Throws `AlertActionError`. */
export function answerAlertAction(
  act: (request: AlertRequest) => Alert,
  request: AlertRequest,
): AlertAnswer {
  return versioned({ alert: plain(act(request)) })
}

/** Something that was done at a time. */
export interface MarkRequest {
  readonly text: string
  readonly unixMs: number
  /** Absent: it may concern every flow. */
  readonly flowId?: string
}

/** The mark as it is kept. */
export function queryMark({ text, unixMs, flowId }: MarkRequest): MarkAnswer {
  const unixNs = `${BigInt(unixMs) * 1_000_000n}`
  return versioned({ mark: { text: text.slice(0, MAX_MARK_LENGTH), unixNs, flowId } })
}

/** Why an execution or a flow takes its time; absent when it is not known. */
export function queryWhy(analyzer: Analyzer, about: WhyAbout): WhyAnswer | undefined {
  const answer = analyzer.why(about)
  return answer && versioned({ answer: plain(answer) })
}

/** How changes are judged, and what each flow is like, or one. */
export function queryDetection(
  analyzer: Analyzer,
  query: { readonly flowId?: string } = {},
): DetectionAnswer {
  return versioned({ detection: plain(analyzer.detection({ tenant: DEFAULT_TENANT, ...query })) })
}

function versioned<T>(answer: T): Versioned & T {
  return { schemaVersion: QUERY_SCHEMA_VERSION, ...answer }
}
