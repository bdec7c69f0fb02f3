import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Pinned: what was tried. telemetrygen is released apart from the Collector's core. */
const COLLECTOR_VERSION = 'v0.159.0'
const TELEMETRYGEN_VERSION = 'v0.161.0'

const cacheHome = process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache')
const folder = path.join(cacheHome, 'qflow-otel', 'interop', COLLECTOR_VERSION)

const builderConfig = `dist:
  name: otelcol
  output_path: ${path.join(folder, 'otelcol')}
receivers:
  - gomod: go.opentelemetry.io/collector/receiver/otlpreceiver ${COLLECTOR_VERSION}
exporters:
  - gomod: go.opentelemetry.io/collector/exporter/otlphttpexporter ${COLLECTOR_VERSION}
  - gomod: github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter ${COLLECTOR_VERSION}
`

/** Programs of other projects that the interop tests talk to, built once into a cache outside the repository. */
export interface Peers {
  readonly otelcol: string
  readonly telemetrygen: string
}

/** The peers, or why they cannot be had on this machine. */
export async function buildPeers(): Promise<{ peers: Peers } | { missing: string }> {
  const peers = {
    otelcol: path.join(folder, 'otelcol', 'otelcol'),
    telemetrygen: path.join(folder, 'bin', 'telemetrygen'),
  }
  try {
    mkdirSync(path.join(folder, 'bin'), { recursive: true })
    if (!existsSync(peers.telemetrygen)) await install(telemetrygenModule)
    if (!existsSync(peers.otelcol)) await buildCollector()
    return { peers }
  } catch (error) {
    return {
      missing: `Go peers could not be built: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}

const telemetrygenModule = `github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen@${TELEMETRYGEN_VERSION}`

async function buildCollector(): Promise<void> {
  await install(`go.opentelemetry.io/collector/cmd/builder@${COLLECTOR_VERSION}`)
  const config = path.join(folder, 'builder.yaml')
  writeFileSync(config, builderConfig)
  await run(path.join(folder, 'bin', 'builder'), ['--config', config])
}

async function install(module: string): Promise<void> {
  await run('go', ['install', module], { env: { ...process.env, GOBIN: path.join(folder, 'bin') } })
}
