import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { registry } from '@qflow-otel/semconv'
import { expect, test } from 'vitest'
import { capturableAttributes, settingDefinitions } from './config.ts'
import { INSTRUMENTATION_VERSION } from './scope.ts'
import { dropReasons } from './signals/tally.ts'
import type { QflowInstrumentationConfig } from './types.ts'

const read = (file: string) =>
  readFileSync(fileURLToPath(new URL(file, import.meta.url)), 'utf8').replaceAll(/ {2,}/g, ' ')
const readme = read('../README.md')

test('the table of settings is that of the code', () => {
  const rows = settingDefinitions.map(({ name, env, fallback, meaning }) =>
    row(code(name), env === undefined ? '' : code(env), fallback, meaning),
  )
  expect(tableAfter('option')).toEqual(rows)
})

test('every setting of the types has a row', () => {
  // A key that is missing here fails to compile.
  const names: Record<Exclude<keyof QflowInstrumentationConfig, 'enabled'> | 'enabled', true> = {
    enabled: true,
    packageNames: true,
    ignoreFlows: true,
    ignoreSteps: true,
    requireParent: true,
    detailMode: true,
    detailRatio: true,
    boundaryMode: true,
    captureAttributes: true,
    captureMaxLength: true,
    redactKeys: true,
    executionHook: true,
    stepHook: true,
    metricProducer: true,
    spanProcessor: true,
  }
  expect(settingDefinitions.map(({ name }) => name)).toEqual(Object.keys(names))
})

test('the attributes that can be captured are named, and registered', () => {
  const listed =
    readme.match(/`captureAttributes` may name ([^.]*(?:\.[^ \n][^.]*)*)\. /)?.[1] ?? ''
  expect(listed.match(/`[^`]+`/g)).toEqual(capturableAttributes.map(code))
  expect(Object.keys(registry.attributes)).toEqual(
    expect.arrayContaining([...capturableAttributes]),
  )
})

test('the table of drop reasons is that of the code', () => {
  const rows = Object.entries(dropReasons).map(([reason, meaning]) => row(code(reason), meaning))
  expect(tableAfter('reason')).toEqual(rows)
})

test('every metric and event that it names is registered', () => {
  const named = readme.match(
    /`qflow\.(?:execution|step|process|validation|pool|telemetry|flow)[\w.]+`/g,
  )
  const known = { ...registry.attributes, ...registry.metrics, ...registry.events }
  const unknown = (named ?? []).map((name) => name.slice(1, -1)).filter((name) => !(name in known))
  expect(named?.length).toBeGreaterThan(15)
  expect(unknown.filter((name) => name !== 'qflow.flow.id')).toEqual([])
})

test('the scope has the version of the package', () => {
  const manifest: unknown = JSON.parse(read('../package.json'))
  expect(manifest).toMatchObject({ version: INSTRUMENTATION_VERSION })
})

/** The rows below the header whose first cell is `first`. */
function tableAfter(first: string): string[] {
  const lines = readme.split('\n')
  const header = lines.findIndex((line) => line.startsWith(`| ${first} |`))
  const end = lines.findIndex((line, index) => index > header && !line.startsWith('|'))
  return lines.slice(header + 2, end)
}

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`.replaceAll(/ {2,}/g, ' ')
}

function code(text: string): string {
  return `\`${text}\``
}
