import type { Analyzer } from '@qflow-otel/analyzer'
import { unixMsOf } from './clock.ts'
import { type CollectorSettings, resolveSettings, SettingError } from './config.ts'
import { type Health, healthOf } from './health.ts'
import { createFront, type FrontOptions } from './http/front.ts'
import { isLoopbackName } from './http/guard.ts'
import { markDoor } from './http/marks.ts'
import { builtPageDirectory, readPage } from './http/page.ts'
import { type ListeningServer, listen, NO_CONNECTIONS } from './http/server.ts'
import type { CollectorMessage, CollectorOptions } from './options.ts'
import { assemble, type Parts, release } from './parts.ts'
import { COLLECTOR_VERSION } from './version.ts'

export interface RunningCollector {
  /** Base URL of OTLP, API and page, e.g. `http://127.0.0.1:4318`. */
  readonly url: string
  readonly port: number
  readonly settings: CollectorSettings
  /** What is known; ask it with the functions of `query.ts`. */
  readonly analyzer: Analyzer
  health(): Health
  /** Stops receiving, empties the queue within `closeTimeoutMs`, then sends and writes what is left. */
  close(): Promise<void>
}

/**
 * Starts a collector. Throws `SettingError`, `PortInUseError`, `ListenError`, `StateDirectoryInUseError` or
 * `StateDirectoryError`; then nothing of it is left running.
 */
export async function startCollector(options: CollectorOptions = {}): Promise<RunningCollector> {
  const settings = resolveSettings({ options: settingsOf(options) })
  refuseLoop(settings)
  const parts = await assemble(settings, options)
  try {
    const server = await listen(settings, {
      handle: createFront(frontOf(parts)),
      clock: parts.clock,
    })
    parts.server = server
    sayStart(parts)
    return running(parts, server)
  } catch (error) {
    // Nothing was received: there is nothing to wait for.
    await release(parts, 0)
    throw error
  }
}

function frontOf(parts: Parts): FrontOptions {
  const { settings, options, receiver, accounting, analysis, analyzer, live, telemetry, faults } =
    parts
  return {
    hostRule: settings,
    receiver,
    accounting,
    analyzer,
    actOnAlert: (request) => analysis.actOnAlert(request),
    takeMark: markDoor({
      mark: (request) => analysis.mark(request),
      nowUnixMs: () => unixMsOf(parts.clock),
    }),
    live,
    unread: parts.unread,
    page: readPage(options.pageDirectory ?? builtPageDirectory()),
    health: () => health(parts),
    metrics: () => telemetry.prometheus(),
    onFault: (error: unknown) => faults.add(error),
  }
}

function health(parts: Parts): Health {
  const { accounting, analysis, analyzer, backend, clock, faults, live, stateDir, telemetry } =
    parts
  return healthOf({
    version: COLLECTOR_VERSION,
    startedUnixMs: parts.startedUnixMs,
    nowUnixMs: unixMsOf(clock),
    revision: analysis.revision,
    accounting,
    forward: backend && { url: withoutCredentials(backend.url), ...backend.forwarder.state },
    stateDir: stateDir?.state,
    connections: parts.server?.counts() ?? NO_CONNECTIONS,
    live: { clientCount: live.clientCount, lostCount: live.lostCount },
    answers: parts.unread.state,
    ownExports: backend && telemetry.exports(),
    losses: analyzer.losses(),
    faultCount: faults.count,
    lastFault: faults.last,
  })
}

function running(parts: Parts, server: ListeningServer): RunningCollector {
  const { settings, analyzer } = parts
  let closing: Promise<void> | undefined
  return {
    url: `http://${urlHost(settings.host)}:${server.port}`,
    port: server.port,
    settings,
    analyzer,
    health: () => health(parts),
    close: () => {
      closing ??= close(parts, server)
      return closing
    },
  }
}

/** Stop receivers, drain, close the analysis, flush, write: in this order nothing that was accepted is missed. */
async function close(parts: Parts, server: ListeningServer): Promise<void> {
  const { settings, receiver, live } = parts
  receiver.close()
  live.close()
  await server.close(OPEN_REQUESTS_MS)
  await parts.backend?.forwarder.drain(settings.closeTimeoutMs)
  parts.analysis.close()
  await release(parts, settings.closeTimeoutMs)
}

/** How long requests that are under way may take to end once the collector closes. */
const OPEN_REQUESTS_MS = 2_000

function sayStart({ settings, stateDir, options }: Parts): void {
  const say = (level: CollectorMessage['level'], text: string) =>
    options.onMessage?.({ level, text })
  if (!isLoopbackName(settings.host))
    say(
      'warn',
      `${settings.host} can be reached from other machines, and there is no access control: protect it by a firewall or a proxy`,
    )
  const setAside = stateDir?.state.setAside
  if (setAside !== undefined)
    say(
      'warn',
      `the snapshot could not be used (${setAside.reason}); it is kept as ${setAside.file}, and learning begins anew`,
    )
}

/** Forwarding to ourselves would send everything round for ever. */
function refuseLoop({ forwardUrl, host, port }: CollectorSettings): void {
  if (forwardUrl === undefined) return
  const target = new URL(forwardUrl)
  const targetPort = Number(target.port || (target.protocol === 'https:' ? 443 : 80))
  const isOwnName = isLoopbackName(target.hostname) || target.hostname === host
  if (targetPort === port && isOwnName)
    throw new SettingError({
      where: 'forwardUrl',
      expected: 'another address than the collector listens on',
      found: `${target.hostname}:${targetPort}`,
    })
}

function settingsOf(options: CollectorOptions): Partial<CollectorSettings> {
  const { onMessage, onFindings, clock, random, pageDirectory, ...settings } = options
  return settings
}

function urlHost(host: string): string {
  const isBareV6 = host.includes(':') && !host.startsWith('[')
  return isBareV6 ? `[${host}]` : host
}

function withoutCredentials(text: string): string {
  const url = new URL(text)
  url.username = ''
  url.password = ''
  return url.href
}
