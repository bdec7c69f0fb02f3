import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { backgroundTimers, byHandFlow, endingApp, esmApp } from './apps.ts'
import { loadingRows } from './loading-rows.ts'
import { runLeg } from './project.ts'

const home = fileURLToPath(new URL('../../packages/instrumentation', import.meta.url))
const readme = readFileSync(path.join(home, 'README.md'), 'utf8')

/** The README's own blocks: what follows the three back ticks is their language and their name. */
const blocks = [...readme.matchAll(/^```(\w+) (\S+)\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', name = '', text = '']) => ({ language, name, text }),
)
const installs = blocks.filter(({ name }) => name === 'install').map(({ text }) => packagesIn(text))
const [line2 = {}, line3 = {}] = installs
const instrumentationPackage = { '@opentelemetry/instrumentation': '0.223.0' }

test('the loading table is the tested one', () => {
  const rows = loadingRows.map(({ name, on20, on24 }) => `| ${name} | ${on20} | ${on24} |`)
  const lines = readme.replaceAll(/ {2,}/g, ' ').split('\n')
  const header = lines.indexOf('| situation | Node 20 | Node 24 |')
  expect(lines.slice(header + 2, header + 2 + rows.length)).toEqual(rows)
  expect(lines[header + 2 + rows.length]).toBe('')
})

test('every command installs exact versions', () => {
  expect(installs).toHaveLength(2)
  for (const versions of installs.map((one) => Object.values(one))) {
    expect(versions.length).toBeGreaterThan(5)
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  }
})

describe('every way of the README is walked', () => {
  test.each([
    ['2.x', 'current', line2],
    ['3.x', '24', line3],
  ] as const)('without code, SDK %s, with its install command', async (sdk, node, dependencies) => {
    const flags = textOf('start')
      .trim()
      .replace(/^node (.*) app\.mjs$/, '$1')
      .split(' ')
    const result = await runLeg({
      node,
      sdk,
      layout: 'real',
      flags,
      dependencies: { ...dependencies, ...instrumentationPackage },
      app: ['app.mjs', esmApp],
    })
    expectSpans(result)
    expect([...result.sink.metricNames], result.output).toContain('qflow.step.duration')
    expect([...result.sink.eventNames]).toContain('qflow.execution.started')
  })

  test.each([
    ['asked to stop', esmApp],
    ['ending by itself', endingApp],
  ])('in code, %s', async (_name, app) => {
    const result = await runLeg({
      node: 'current',
      sdk: '2.x',
      layout: 'real',
      flags: ['--import', './telemetry.mjs'],
      dependencies: { ...line2, ...instrumentationPackage },
      app: ['app.mjs', app],
      files: {
        'telemetry.mjs': textOf('telemetry.mjs'),
        'background-timers.mjs': backgroundTimers,
      },
    })
    expectSpans(result)
    const step = result.sink.spans.find(({ name }) => name === 'execute_step a')
    expect(step?.attributes).toMatchObject({ 'app.team': 'none' })
  })

  test('by hand', async () => {
    const result = await runLeg({
      node: 'current',
      sdk: '2.x',
      layout: 'vendored',
      flags: ['--import', '@qflow-otel/instrumentation/register'],
      dependencies: { ...line2, ...instrumentationPackage },
      app: ['by-hand.mjs', `${textOf('by-hand.mjs')}\n${byHandFlow}`],
    })
    expectSpans(result)
    expect(result.sink.spans.map(({ name }) => name)).toContain('check dao')
  })
})

function expectSpans(result: Awaited<ReturnType<typeof runLeg>>): void {
  expect(
    result.sink.spans.map(({ name }) => name),
    result.output,
  ).toEqual(expect.arrayContaining(['execute_flow f', 'execute_step a', 'execute_step b']))
}

function textOf(name: string): string {
  const block = blocks.find((one) => one.name === name)
  if (block === undefined) throw new Error(`expected a block named ${name} in the README`)
  return block.text
}

/** What comes from a registry; our own packages are put there as they were built. */
function packagesIn(command: string): Record<string, string> {
  const named = [...command.matchAll(/(@opentelemetry\/[\w-]+)@(\S+)/g)]
  return Object.fromEntries(named.map(([, name = '', version = '']) => [name, version]))
}
