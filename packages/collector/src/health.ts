import type { Losses } from '@qflow-otel/analyzer'
import type { Accounting, RequestOutcome, SignalAccount } from './accounting.ts'
import type { ForwarderState } from './forward/forwarder.ts'
import type { ServerCounts } from './http/server.ts'
import type { UnreadState } from './http/unread-answers.ts'
import { type SignalName, signals } from './receive/signal.ts'
import type { StateDirectoryState } from './store/state-directory.ts'
import type { OwnExports } from './telemetry/telemetry.ts'

/** The body of /health. What does not exist (no backend, no state directory) is absent. */
export interface Health {
  readonly schemaVersion: 1
  /** `degraded`: it works, and something named in `problems` does not. */
  readonly status: 'ok' | 'degraded'
  readonly problems: readonly string[]
  readonly version: string
  readonly nodeVersion: string
  readonly startedUnixMs: number
  readonly uptimeMs: number
  readonly revision: number
  readonly forward: (ForwarderState & { readonly url: string }) | undefined
  readonly stateDir: StateDirectoryState | undefined
  /** Items by signal; with a backend, accepted = sent + queued + refusedByBackend + dropped. */
  readonly accounting: Readonly<Record<SignalName, SignalAccount>>
  readonly requests: Readonly<Record<SignalName, Readonly<Record<RequestOutcome, number>>>>
  readonly connections: ServerCounts
  readonly live: { readonly clientCount: number; readonly lostCount: number }
  readonly answers: UnreadState
  /** Exports of the collector's own metrics and events. */
  readonly ownExports: OwnExports | undefined
  readonly losses: Losses
}

export interface HealthSources {
  readonly version: string
  readonly startedUnixMs: number
  readonly nowUnixMs: number
  readonly revision: number
  readonly accounting: Accounting
  readonly forward: (ForwarderState & { readonly url: string }) | undefined
  readonly stateDir: StateDirectoryState | undefined
  readonly connections: ServerCounts
  readonly live: { readonly clientCount: number; readonly lostCount: number }
  readonly answers: UnreadState
  readonly ownExports: OwnExports | undefined
  readonly losses: Losses
  readonly faultCount: number
  readonly lastFault: string | undefined
}

export function healthOf(sources: HealthSources): Health {
  const { accounting, nowUnixMs, faultCount: _count, lastFault: _fault, ...rest } = sources
  const problems = problemsOf(sources)
  return {
    schemaVersion: 1,
    status: problems.length === 0 ? 'ok' : 'degraded',
    problems,
    nodeVersion: process.version,
    uptimeMs: nowUnixMs - sources.startedUnixMs,
    ...rest,
    accounting: bySignal((name) => accounting.of(name)),
    requests: bySignal((name) => accounting.requests(name)),
  }
}

function problemsOf(sources: HealthSources): string[] {
  const { forward, stateDir, ownExports, accounting, nowUnixMs } = sources
  const setAside = stateDir?.setAside
  const problems = [
    forward?.failure && `forwarding: ${forward.failure}`,
    stateDir?.failure && `state directory: the last write failed: ${stateDir.failure}`,
    setAside &&
      `state directory: the snapshot could not be used (${setAside.reason}); it is kept as ${setAside.file}, and learning began anew`,
    ownExports?.failure && `own telemetry: ${ownExports.failure}`,
    sources.lastFault &&
      `${sources.faultCount} faults of the collector; last: ${sources.lastFault}`,
    ...signals.map(({ name }) => recentLoss(name, accounting.of(name), nowUnixMs)),
  ]
  return problems.filter((problem): problem is string => Boolean(problem))
}

/** How long a loss is called a problem; the counts stay. */
const RECENT_MS = 300_000

function recentLoss(
  name: SignalName,
  { dropped, refusedByBackend, lastLossUnixMs }: SignalAccount,
  nowUnixMs: number,
): string | undefined {
  if (lastLossUnixMs === undefined || nowUnixMs - lastLossUnixMs > RECENT_MS) return undefined
  const counts = Object.entries({ ...dropped, refused_by_backend: refusedByBackend })
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${reason} ${count}`)
  return `${name}: items lost within the last minutes; in all: ${counts.join(', ')}`
}

function bySignal<T>(read: (name: SignalName) => T): Readonly<Record<SignalName, T>> {
  return { traces: read('traces'), metrics: read('metrics'), logs: read('logs') }
}
