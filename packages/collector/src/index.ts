export type { DropReason, RefusalReason, RequestOutcome, SignalAccount } from './accounting.ts'
export type { Clock, Timer } from './clock.ts'
export { type RunningCollector, startCollector } from './collector.ts'
export {
  type CollectorSettings,
  detectionOf,
  resolveSettings,
  type SettingDefinition,
  SettingError,
  type SettingName,
  type SettingSources,
  settingDefinitions,
} from './config.ts'
export type { Health } from './health.ts'
export { ListenError, PortInUseError } from './http/server.ts'
export type { CollectorMessage, CollectorOptions } from './options.ts'
export {
  type AlertAnswer,
  type AlertRequest,
  type AlertsAnswer,
  DEFAULT_EXECUTION_LIMIT,
  type DetectionAnswer,
  type ExecutionAnswer,
  type ExecutionsAnswer,
  type FindingsAnswer,
  MAX_EXECUTION_LIMIT,
  QUERY_SCHEMA_VERSION,
  queryAlerts,
  queryDetection,
  queryExecution,
  queryExecutions,
  queryFindings,
  queryReport,
  queryWhy,
  type ReportAnswer,
  type WhyAbout,
  type WhyAnswer,
} from './query.ts'
export { StateDirectoryInUseError } from './store/lock.ts'
export { StateDirectoryError } from './store/state-directory.ts'
export { COLLECTOR_VERSION } from './version.ts'
