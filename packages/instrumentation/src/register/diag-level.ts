import { DiagConsoleLogger, DiagLogLevel, diag } from '@opentelemetry/api'

const levels: Readonly<Record<string, DiagLogLevel>> = {
  NONE: DiagLogLevel.NONE,
  ERROR: DiagLogLevel.ERROR,
  WARN: DiagLogLevel.WARN,
  INFO: DiagLogLevel.INFO,
  DEBUG: DiagLogLevel.DEBUG,
  VERBOSE: DiagLogLevel.VERBOSE,
  ALL: DiagLogLevel.ALL,
}

/** Without a level, warnings are shown: zero-code users have no other place to learn what is wrong. */
export function setDiagFromEnvironment(level: string | undefined): void {
  const logLevel = levels[level?.trim().toUpperCase() ?? ''] ?? DiagLogLevel.WARN
  diag.setLogger(new DiagConsoleLogger(), { logLevel, suppressOverrideMessage: true })
}
