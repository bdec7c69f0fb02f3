import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { esmApp } from './apps.ts'
import { nodeBinary } from './installed.ts'
import { startOtlpSink } from './otlp-sink.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const published = ['semconv', 'instrumentation', 'analyzer', 'profiler', 'collector', 'cli']

/** What the READMEs tell a user to install beside our packages. */
const peers = {
  '@opentelemetry/api': '1.9.1',
  '@opentelemetry/context-async-hooks': '2.12.0',
  '@opentelemetry/sdk-trace-base': '2.12.1',
  '@opentelemetry/exporter-trace-otlp-http': '0.223.0',
}

/** One sentence a package must be able to say once it is installed, as an ES module and as CommonJS. */
const sentences: Readonly<Record<string, string>> = {
  semconv:
    "typeof m.ATTR_QFLOW_STEP_ID === 'string' && Object.keys(m.registry.metrics).length > 10",
  instrumentation: "new m.QflowInstrumentation().instrumentationName.startsWith('@qflow-otel/')",
  analyzer: 'm.createAnalyzer().report().flows.length === 0',
  profiler: "typeof new m.QflowProfiler().onEnd === 'function'",
}

let folder: string

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'qflow-otel-pack-'))
  const archives = published.map((name) => pack(name))
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: peers }),
  )
  npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', ...archives], folder)
  cpSync(
    path.join(root, 'test/fixtures/qflow-stock'),
    path.join(folder, 'node_modules/@anarq/qflow'),
    {
      recursive: true,
    },
  )
}, 280_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(['current', '24', 'newest'] as const)('on Node %s', (version) => {
  const node = () => nodeBinary(version)

  test.each(Object.entries(sentences))('%s can be imported and required', (name, sentence) => {
    const esm = `import * as m from '@qflow-otel/${name}'; console.log(${sentence})`
    const cjs = `const m = require('@qflow-otel/${name}'); console.log(${sentence})`
    expect(run(node(), ['--input-type=module', '--eval', esm])).toBe('true')
    expect(run(node(), ['--input-type=commonjs', '--eval', cjs])).toBe('true')
  })

  test('an application is instrumented without code', async () => {
    const sink = await startOtlpSink()
    writeFileSync(path.join(folder, 'app.mjs'), esmApp)
    const env = {
      ...process.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
    }
    const args = ['--import', '@qflow-otel/instrumentation/register', 'app.mjs']
    // It ends itself by SIGTERM, as services are ended.
    await promisify(execFile)(node(), args, { cwd: folder, env, timeout: 60_000 }).catch(
      () => undefined,
    )
    await sink.close()
    const names = sink.spans.map((span) => span.name).sort()
    expect(names).toEqual(['execute_flow f', 'execute_step a', 'execute_step b'])
  })

  test('the collector starts, answers and ends', () => {
    const script = `
      import { startCollector } from '@qflow-otel/collector'
      const collector = await startCollector({ port: 0 })
      const health = await (await fetch(collector.url + '/health')).json()
      const page = await (await fetch(collector.url + '/')).text()
      await collector.close()
      console.log(health.status, page.includes('<script'))`
    expect(run(node(), ['--input-type=module', '--eval', script])).toBe('ok true')
  })

  test('the command says its version', () => {
    const command = path.join(folder, 'node_modules/.bin/qflow-otel')
    expect(run(node(), [command, '--version'])).toMatch(/0\.1\.0/)
  })
})

function pack(name: string): string {
  const into = path.join(folder, 'archives', name)
  mkdirSync(into, { recursive: true })
  npm(['pack', '--silent', '--pack-destination', into], path.join(root, 'packages', name))
  const archive = readdirSync(into)[0]
  if (archive === undefined) throw new Error(`npm pack made no archive of ${name}`)
  return path.join(into, archive)
}

function npm(args: readonly string[], cwd: string): void {
  execFileSync('npm', args, { cwd, stdio: 'pipe' })
}

function run(node: string, args: readonly string[]): string {
  return execFileSync(node, args, { cwd: folder, encoding: 'utf8', timeout: 60_000 }).trim()
}
