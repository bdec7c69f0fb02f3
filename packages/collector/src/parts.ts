import { randomUUID } from 'node:crypto'
import {
  type Analyzer,
  type AnalyzerOptions,
  type AnalyzerSnapshot,
  createAnalyzer,
  falseAlarmMetrics,
  findingMetrics,
  lossMetrics,
} from '@qflow-otel/analyzer'
import { Accounting } from './accounting.ts'
import { Analysis, LATENESS_MS } from './analyze.ts'
import { type Clock, systemClock, unixMsOf } from './clock.ts'
import { type CollectorSettings, detectionOf } from './config.ts'
import { FaultLog } from './fault-log.ts'
import { Forwarder } from './forward/forwarder.ts'
import { createHttpSender } from './forward/http-sender.ts'
import { LiveStream } from './http/live.ts'
import type { ListeningServer } from './http/server.ts'
import { UnreadAnswers } from './http/unread-answers.ts'
import type { CollectorOptions } from './options.ts'
import { createBodyDecoder } from './receive/decode-body.ts'
import { Receiver } from './receive/receiver.ts'
import { StateDirectory } from './store/state-directory.ts'
import { ownMetrics } from './telemetry/own-metrics.ts'
import { startTelemetry, type Telemetry } from './telemetry/telemetry.ts'
import { COLLECTOR_VERSION } from './version.ts'

/** Everything a collector is made of. */
export interface Parts {
  readonly settings: CollectorSettings
  readonly options: CollectorOptions
  readonly clock: Clock
  readonly startedUnixMs: number
  readonly faults: FaultLog
  readonly analyzer: Analyzer
  readonly stateDir: StateDirectory | undefined
  readonly accounting: Accounting
  readonly backend: Backend | undefined
  readonly telemetry: Telemetry
  readonly analysis: Analysis
  readonly live: LiveStream
  readonly unread: UnreadAnswers
  readonly receiver: Receiver
  /** Set once it listens. */
  server?: ListeningServer
}

interface Backend {
  readonly url: string
  readonly forwarder: Forwarder
  close(): void
}

/** Makes the parts, with timers running and nothing listening. */
export async function assemble(
  settings: CollectorSettings,
  options: CollectorOptions,
): Promise<Parts> {
  const { clock = systemClock, random = Math.random } = options
  const faults = new FaultLog((text) => options.onMessage?.({ level: 'error', text }))
  const onFault = (error: unknown) => faults.add(error)
  const { analyzer, stateDir } = await openAnalyzer(settings, clock)
  const accounting = new Accounting(clock)
  const backend = openBackend(settings, { accounting, clock, random })
  const telemetry = startTelemetry({
    version: COLLECTOR_VERSION,
    instanceId: randomUUID(),
    backend: backend && { ...telemetryTiming(settings), baseUrl: backend.url },
    points: () => [
      ...ownMetrics(accounting, backend?.forwarder.state),
      ...findingMetrics(analyzer.findings()),
      ...falseAlarmMetrics(analyzer.alerts().falseAlarms),
      ...lossMetrics(analyzer.losses()),
    ],
  })
  const analysis = new Analysis({
    analyzer,
    clock,
    onChanges: (changes) => {
      telemetry.emit(changes)
      options.onFindings?.(changes)
    },
    onFault,
  })
  const receiver = new Receiver({
    maxBodyBytes: settings.maxBodyBytes,
    maxJsonBodyBytes: settings.maxJsonBodyBytes,
    accounting,
    decode: createBodyDecoder(),
    analyze: (body) => analysis.ingest(body),
    forward: backend?.forwarder,
    onFault,
  })
  return {
    settings,
    options,
    clock,
    startedUnixMs: unixMsOf(clock),
    faults,
    analyzer,
    stateDir,
    accounting,
    backend,
    telemetry,
    analysis,
    live: new LiveStream(clock, () => analysis.revision),
    unread: new UnreadAnswers(clock),
    receiver,
  }
}

/** The analyzer with what the state directory remembers; the directory then keeps what it learns. */
async function openAnalyzer(
  settings: CollectorSettings,
  clock: Clock,
): Promise<{ analyzer: Analyzer; stateDir: StateDirectory | undefined }> {
  const { memoryBudgetBytes } = settings
  const learning = { ...detectionOf(settings), memoryBudgetBytes, latenessMs: LATENESS_MS }
  let analyzer = createAnalyzer(learning)
  if (settings.stateDir === undefined) return { analyzer, stateDir: undefined }
  const stateDir = await StateDirectory.open({
    directory: settings.stateDir,
    clock,
    intervalMs: settings.snapshotIntervalMs,
    restore: (snapshot) => {
      analyzer = restoredAnalyzer(learning, snapshot)
    },
    take: () => analyzer.snapshot(),
  })
  return { analyzer, stateDir }
}

/** Throws at a snapshot that cannot be used as a whole: half of what was learned would be written over the rest. */
function restoredAnalyzer(learning: AnalyzerOptions, snapshot: unknown): Analyzer {
  // `createAnalyzer` checks what it is given, and throws `SnapshotError`.
  const analyzer = createAnalyzer(learning, snapshot as AnalyzerSnapshot)
  // What passed as a flow and is none inside is found here, and not by the first who asks.
  analyzer.report()
  analyzer.snapshot()
  return analyzer
}

function openBackend(
  settings: CollectorSettings,
  how: { accounting: Accounting; clock: Clock; random: () => number },
): Backend | undefined {
  const { forwardUrl, forwardHeaders, forwardTimeoutMs, forwardQueueBytes, forwardGiveUpMs } =
    settings
  if (forwardUrl === undefined) return undefined
  const sender = createHttpSender({
    baseUrl: forwardUrl,
    headers: forwardHeaders,
    timeoutMs: forwardTimeoutMs,
    clock: how.clock,
  })
  const forwarder = new Forwarder({
    send: sender.send,
    queueBytes: forwardQueueBytes,
    giveUpMs: forwardGiveUpMs,
    ...how,
  })
  return { url: forwardUrl, forwarder, close: sender.close }
}

function telemetryTiming(settings: CollectorSettings) {
  const { forwardHeaders, forwardTimeoutMs, closeTimeoutMs, metricIntervalMs } = settings
  // The last export must not outlive the time for closing.
  const timeoutMs = Math.max(1, Math.min(forwardTimeoutMs, closeTimeoutMs))
  return { headers: forwardHeaders, timeoutMs, metricIntervalMs }
}

/** Stops the parts, sends what is left within `flushMs` and writes it. */
export async function release(parts: Parts, flushMs: number): Promise<void> {
  const { analysis, live, telemetry, backend, stateDir } = parts
  analysis.stop()
  live.close()
  await telemetry.close(flushMs)
  backend?.close()
  await stateDir?.close()
}
