import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { registry } from '@qflow-otel/semconv'
import { afterAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'qflow-otel')
const folders: string[] = []

/** The package behind `node@24`, which would need an install script to fetch it. */
const node24Package = `node-${process.platform}-${process.arch}`

/** The profiler's own dependencies outside the workspace. */
const common = { '@opentelemetry/api-logs': '0.223.0', 'simple-statistics': '7.12.1' }

const legs = [
  {
    name: 'SDK 2.12 on this Node',
    dependencies: {
      ...common,
      '@opentelemetry/api': '1.9.1',
      '@opentelemetry/sdk-trace': '2.12.1',
      '@opentelemetry/sdk-metrics': '2.12.1',
      '@opentelemetry/sdk-logs': '0.223.0',
    },
    node: () => process.execPath,
  },
  {
    name: 'SDK 3.1 on Node 24',
    dependencies: {
      ...common,
      '@opentelemetry/api': '1.10.0',
      '@opentelemetry/sdk-trace': '3.1.1',
      '@opentelemetry/sdk-metrics': '3.1.1',
      '@opentelemetry/sdk-logs': '3.1.1',
      [node24Package]: '24.21.0',
    },
    node: (installed: string) => join(installed, 'node_modules', node24Package, 'bin/node'),
  },
]

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

describe.each(legs)('$name', ({ dependencies, node }) => {
  test.each(['esm', 'cjs'])('findings arrive as events and metrics (%s)', (format) => {
    const installed = install(dependencies)
    const told = tell(node(installed), appFolder(installed), format)

    const opened = told.events.find(({ eventName }) => eventName === 'qflow.bottleneck.opened')
    expect(opened?.attributes).toMatchObject({
      'qflow.flow.id': 'checkout',
      'qflow.step.id': 'charge',
    })
    expect(opened?.body).toContain('charge')
    expect(told.heard).toHaveLength(told.events.length)
    for (const { eventName, attributes } of told.events) {
      expect(registry.events[eventName]?.attributes).toEqual(
        expect.arrayContaining(Object.keys(attributes)),
      )
    }

    const valueNow = (metric: string, step?: string) =>
      told.metrics.find(
        ({ name, attributes }) => name === metric && attributes['qflow.step.id'] === step,
      )?.value
    expect(valueNow('qflow.bottleneck.count')).toBeGreaterThanOrEqual(1)
    expect(valueNow('qflow.bottleneck.share', 'charge')).toBeGreaterThan(0.4)
    const closed = told.metrics.filter(({ name }) => name === 'qflow.analyzer.executions')
    expect(closed.reduce((sum, { value }) => sum + value, 0)).toBe(60)
    for (const { name, unit } of told.metrics) expect(unit).toBe(registry.metrics[name]?.unit)
    expect(told.losses).toMatchObject({ acceptedSpanCount: 300, faults: {} })
  })
})

interface Told {
  readonly events: readonly {
    readonly eventName: string
    readonly attributes: Readonly<Record<string, unknown>>
    readonly body: string
  }[]
  readonly metrics: readonly {
    readonly name: string
    readonly unit: string
    readonly value: number
    readonly attributes: Readonly<Record<string, unknown>>
  }[]
  readonly heard: readonly string[]
  readonly losses: unknown
}

function tell(node: string, folder: string, format: string): Told {
  const output = execFileSync(node, ['story.mjs', format], { cwd: folder, encoding: 'utf8' })
  return JSON.parse(output)
}

/** Installs once per set of versions; a finished install appears at once or not at all. */
function install(dependencies: Readonly<Record<string, string>>): string {
  const manifest = JSON.stringify({ private: true, dependencies }, undefined, 2)
  const id = createHash('sha256').update(manifest).digest('hex').slice(0, 12)
  const installed = join(cache, `profiler-${id}`)
  if (existsSync(installed)) return installed
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'profiler-new-'))
  writeFileSync(join(folder, 'package.json'), manifest)
  // npm runs on this Node, the packages of SDK 3 on the newer one that is installed with them.
  const args = ['install', '--no-audit', '--no-fund', '--engine-strict=false', '--loglevel=error']
  try {
    execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
    renameSync(folder, installed)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return installed
}

/** An application with the built packages and the installed SDK, so that there is one copy of the API. */
function appFolder(installed: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'qflow-otel-profiler-'))
  folders.push(folder)
  const modules = join(folder, 'node_modules')
  for (const name of ['semconv', 'analyzer', 'profiler']) {
    for (const part of ['dist', 'package.json']) {
      const target = join(modules, '@qflow-otel', name, part)
      mkdirSync(dirname(target), { recursive: true })
      cpSync(join(root, 'packages', name, part), target, { recursive: true })
    }
  }
  for (const name of ['@opentelemetry', 'simple-statistics']) {
    symlinkSync(join(installed, 'node_modules', name), join(modules, name))
  }
  cpSync(join(root, 'test/e2e/profiler/story.mjs'), join(folder, 'story.mjs'))
  return folder
}
