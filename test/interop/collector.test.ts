import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, expect, test } from 'vitest'
import { buildPeers, type Peers } from './peers.ts'
import { freePort, type Program, startProgram, until } from './program.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = await buildPeers()
if ('missing' in built) console.log(`skipped: ${built.missing}`)
const peersTest = test.skipIf('missing' in built)

const folder = mkdtempSync(path.join(tmpdir(), 'qflow-otel-interop-'))
const running: Program[] = []

afterEach(async () => {
  for (const program of running.splice(0)) await program.stop()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

peersTest('telemetrygen: traces, metrics and logs are accepted, every item counted', async () => {
  const { telemetrygen } = requirePeers()
  const { url, port } = await serve()
  for (const signal of ['traces', 'metrics', 'logs']) {
    const amount =
      signal === 'traces' ? ['--traces', '50', '--child-spans', '3'] : [`--${signal}`, '50']
    const generator = startProgram(telemetrygen, [
      signal,
      '--rate',
      '0',
      '--otlp-http',
      '--otlp-insecure',
      '--otlp-endpoint',
      `127.0.0.1:${port}`,
      ...amount,
    ])
    running.push(generator)
    await until(() => generator.child.exitCode ?? undefined, `telemetrygen ${signal} ends`)
    expect(generator.child.exitCode, generator.output()).toBe(0)
  }
  const health = await healthOf(url)
  expect(health.accounting).toMatchObject({
    traces: { accepted: 200 },
    metrics: { accepted: 50 },
    logs: { accepted: 50 },
  })
})

peersTest(
  'application -> Collector -> qflow-otel -> Collector -> file: every span arrives, findings as metrics and logs',
  async () => {
    const { otelcol } = requirePeers()
    const file = path.join(folder, 'out.jsonl')
    const lastPort = await startCollector(
      otelcol,
      'last',
      `file:\n    path: ${file}\n    flush_interval: 100ms`,
      'file',
    )
    const { url, port } = await serve([
      '--forward-url',
      `http://127.0.0.1:${lastPort}`,
      '--metric-interval-ms',
      '500',
    ])
    const firstPort = await startCollector(
      otelcol,
      'first',
      `otlphttp:\n    endpoint: http://127.0.0.1:${port}`,
      'otlphttp',
    )

    const story = startProgram(process.execPath, [
      path.join(root, 'test/interop/story.mjs'),
      `http://127.0.0.1:${firstPort}`,
    ])
    running.push(story)
    const [, sentCount] = await story.printed(/sent (\d+) spans/)

    const health = await until(async () => {
      const { accounting } = await healthOf(url)
      return accounting.traces.sent === Number(sentCount) ? accounting : undefined
    }, 'all spans are forwarded')
    expect(health.traces).toMatchObject({
      accepted: Number(sentCount),
      queued: 0,
      refusedByBackend: 0,
    })
    const lines = await until(() => linesWithFindings(file), 'findings reach the file')
    expect(countSpans(lines)).toBe(Number(sentCount))
  },
)

interface Account {
  readonly accepted: number
  readonly sent: number
}

interface Health {
  readonly accounting: {
    readonly traces: Account
    readonly metrics: Account
    readonly logs: Account
  }
}

interface Line {
  readonly resourceSpans?: readonly { scopeSpans: readonly { spans: readonly unknown[] }[] }[]
}

function linesWithFindings(file: string): readonly Line[] | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined // The Collector has not written yet.
  }
  const hasFindings =
    text.includes('qflow.bottleneck.opened') && text.includes('qflow.bottleneck.share')
  if (!hasFindings) return undefined
  const whole = text.slice(0, text.lastIndexOf('\n'))
  return whole.split('\n').map((line) => JSON.parse(line) as Line)
}

function countSpans(lines: readonly Line[]): number {
  const scopes = lines.flatMap((line) =>
    (line.resourceSpans ?? []).flatMap((one) => one.scopeSpans),
  )
  return scopes.reduce((count, scope) => count + scope.spans.length, 0)
}

async function serve(args: readonly string[] = []): Promise<{ url: string; port: number }> {
  const cli = path.join(root, 'packages/cli/dist/main.mjs')
  const program = startProgram(process.execPath, [cli, 'serve', '--port', '0', '--json', ...args])
  running.push(program)
  const [line] = await program.printed(/^\{.*"kind":"listening".*\}$/m)
  return JSON.parse(line) as { url: string; port: number }
}

async function startCollector(
  otelcol: string,
  name: string,
  exporter: string,
  kind: string,
): Promise<number> {
  const port = await freePort()
  const config = path.join(folder, `${name}.yaml`)
  const pipeline = `{ receivers: [otlp], exporters: [${kind}] }`
  writeFileSync(
    config,
    `receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:${port}
exporters:
  ${exporter}
service:
  telemetry:
    metrics: { level: none }
  pipelines:
    traces: ${pipeline}
    metrics: ${pipeline}
    logs: ${pipeline}
`,
  )
  const program = startProgram(otelcol, ['--config', config])
  running.push(program)
  await program.printed(/Everything is ready/)
  return port
}

async function healthOf(url: string): Promise<Health> {
  const response = await fetch(`${url}/health`)
  return (await response.json()) as Health
}

function requirePeers(): Peers {
  if ('missing' in built) throw new Error(built.missing)
  return built.peers
}
