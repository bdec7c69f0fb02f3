import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { startProcess } from '../process/start-process.ts'
import { installPackages, type NodeVersion, nodeBinary } from './installed.ts'
import { type OtlpSink, startOtlpSink } from './otlp-sink.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const engine = path.join(root, 'test/fixtures/qflow-stock')

/** What an application has installed beside the engine; one line of OpenTelemetry each. */
const sdkLines = {
  '2.x': {
    '@opentelemetry/api': '1.9.1',
    '@opentelemetry/api-logs': '0.223.0',
    '@opentelemetry/context-async-hooks': '2.12.0',
    '@opentelemetry/instrumentation': '0.223.0',
    '@opentelemetry/sdk-trace-node': '2.12.0',
    '@opentelemetry/sdk-metrics': '2.12.0',
    '@opentelemetry/sdk-logs': '0.223.0',
    '@opentelemetry/exporter-trace-otlp-http': '0.223.0',
    '@opentelemetry/exporter-metrics-otlp-http': '0.223.0',
    '@opentelemetry/exporter-logs-otlp-http': '0.223.0',
  },
  '3.x': {
    '@opentelemetry/api': '1.10.0',
    '@opentelemetry/context-async-hooks': '3.1.1',
    '@opentelemetry/instrumentation': '0.223.0',
    '@opentelemetry/sdk-trace': '3.1.1',
    '@opentelemetry/sdk-metrics': '3.1.1',
    '@opentelemetry/sdk-logs': '3.1.1',
    '@opentelemetry/exporter-trace-otlp-http': '0.301.0',
    '@opentelemetry/exporter-metrics-otlp-http': '0.301.0',
    '@opentelemetry/exporter-logs-otlp-http': '0.301.0',
  },
  none: { '@opentelemetry/api': '1.9.1', '@opentelemetry/instrumentation': '0.223.0' },
} as const

export type SdkLine = keyof typeof sdkLines

/** How the engine lies in the project: a real folder in node_modules, a link to one elsewhere, or plain files of the application. */
type Layout = 'real' | 'symlinked' | 'vendored'

export interface Leg {
  readonly node: NodeVersion
  readonly sdk: SdkLine
  readonly layout: Layout
  readonly flags: readonly string[]
  /** File name and text of the application. */
  readonly app: readonly [name: string, text: string]
  /** Further files of the application. */
  readonly files?: Readonly<Record<string, string>>
  /** Installed instead of the line's packages. */
  readonly dependencies?: Readonly<Record<string, string>>
}

export interface LegResult {
  readonly sink: OtlpSink
  readonly output: string
  readonly exit: string
}

/** Runs one application in a project of its own and returns what left it. */
export async function runLeg(leg: Leg): Promise<LegResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'qflow-otel-compat-'))
  const sink = await startOtlpSink()
  try {
    layOut(folder, leg)
    const { output, exit } = await run(folder, leg, sink.url)
    return { sink, output, exit }
  } finally {
    await sink.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function layOut(folder: string, leg: Leg): void {
  const {
    sdk,
    layout,
    app: [name, text],
    files = {},
    dependencies = sdkLines[sdk],
  } = leg
  const modules = path.join(folder, 'node_modules')
  const installed = path.join(installPackages(dependencies), 'node_modules')
  mkdirSync(modules)
  for (const entry of readdirSync(installed)) {
    if (!entry.startsWith('.')) symlinkSync(path.join(installed, entry), path.join(modules, entry))
  }
  for (const own of ['semconv', 'instrumentation']) {
    const from = path.join(root, 'packages', own)
    const into = path.join(modules, '@qflow-otel', own)
    mkdirSync(into, { recursive: true })
    cpSync(path.join(from, 'package.json'), path.join(into, 'package.json'))
    cpSync(path.join(from, 'dist'), path.join(into, 'dist'), { recursive: true })
  }
  const elsewhere = { real: '', symlinked: 'engine', vendored: 'vendor' }[layout]
  const home = elsewhere ? path.join(folder, elsewhere) : path.join(modules, '@anarq/qflow')
  cpSync(engine, home, { recursive: true })
  if (layout === 'symlinked') {
    mkdirSync(path.join(modules, '@anarq'))
    symlinkSync(home, path.join(modules, '@anarq/qflow'))
  }
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true }))
  for (const [file, content] of Object.entries({ ...files, [name]: text })) {
    writeFileSync(path.join(folder, file), content)
  }
}

async function run(
  folder: string,
  { node, flags, app: [name] }: Leg,
  url: string,
): Promise<{ output: string; exit: string }> {
  const { ended } = startProcess(nodeBinary(node), [...flags, name], {
    cwd: folder,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_LOG_LEVEL: 'info',
      OTEL_INSTRUMENTATION_QFLOW_DETAIL_MODE: 'on',
    },
    timeoutMs: 60_000,
  })
  const { code, signal, out, err } = await ended
  return { output: `${out}${err}`, exit: signal ?? String(code) }
}
