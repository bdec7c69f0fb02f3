export type {
  EndedSpan,
  HrTimeLike,
  SpanIdentity,
  SpanResource,
  StartedSpan,
  UnknownAttributes,
} from './ended-span.ts'
export type { EventLogger, EventLoggerProvider, EventRecord } from './finding-events.ts'
export type { QflowProfilerOptions } from './options.ts'
export { type ProfilerLosses, QflowProfiler } from './profiler.ts'
export type { Runtime } from './runtime.ts'
