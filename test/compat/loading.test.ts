import { describe, expect, test } from 'vitest'
import { cjsApp, deepImportFirst, esmApp, lateApp } from './apps.ts'
import type { SunkSpan } from './otlp-sink.ts'
import { type Leg, type LegResult, runLeg } from './project.ts'

const register = '@qflow-otel/instrumentation/register'
const byImport = ['--import', register]
/** The command line's own loader beside \`register\`, which then brings none. */
const byLoader = [
  '--no-warnings',
  '--experimental-loader=@opentelemetry/instrumentation/hook.mjs',
  ...byImport,
]

/**
 * Outcomes. complete: every phase, ledger and admission check seen. without DAO checks: all but those, whose file no hook
 * sees there and which diag names. nothing: no span, and diag says so; \`instrumentQflow\` is the way.
 */
type Outcome = 'complete' | 'without DAO checks' | 'nothing'

interface Row {
  readonly name: string
  readonly app: Leg['app']
  readonly layout: Leg['layout']
  readonly flags: readonly string[]
  readonly on20: Outcome
  readonly on24: Outcome
}

const esm: Leg['app'] = ['app.mjs', esmApp]
const cjs: Leg['app'] = ['app.cjs', cjsApp]

const rows: readonly Row[] = [
  row('real folder, import', esm, 'real', byImport, 'complete', 'complete'),
  row(
    'a deep file imported first',
    ['app.mjs', deepImportFirst],
    'real',
    byImport,
    'complete',
    'complete',
  ),
  row('symlinked, import', esm, 'symlinked', byImport, 'complete', 'complete'),
  row('symlinked, require', cjs, 'symlinked', byImport, 'without DAO checks', 'complete'),
  row(
    'symlinked, --preserve-symlinks',
    esm,
    'symlinked',
    ['--preserve-symlinks', ...byImport],
    'complete',
    'complete',
  ),
  row('real folder, require, --import', cjs, 'real', byImport, 'without DAO checks', 'complete'),
  row(
    'real folder, require, --require',
    cjs,
    'real',
    ['--require', register],
    'without DAO checks',
    'complete',
  ),
  row(
    'real folder, import, --require',
    esm,
    'real',
    ['--require', register],
    'complete',
    'complete',
  ),
  row('--experimental-loader', esm, 'real', byLoader, 'complete', 'complete'),
  row('loaded before the instrumentation', ['app.mjs', lateApp], 'real', [], 'nothing', 'nothing'),
]

describe.each([
  ['current', 'on20'],
  ['24', 'on24'],
] as const)('Node %s', (node, key) => {
  test.concurrent.each(rows)('$name', async (one) => {
    const { app, layout, flags } = one
    const result = await runLeg({ node, sdk: '2.x', layout, flags, app })
    expect(outcomeOf(result), result.output).toBe(one[key])
    expect(result.exit).toBe('SIGTERM')
    if (one[key] === 'nothing') expect(result.output).toContain('instrumentQflow(')
  })
})

function row(
  name: string,
  app: Leg['app'],
  layout: Leg['layout'],
  flags: readonly string[],
  on20: Outcome,
  on24: Outcome,
): Row {
  return { name, app, layout, flags, on20, on24 }
}

function outcomeOf({ sink }: LegResult): Outcome | string {
  const { spans } = sink
  if (spans.length === 0) return 'nothing'
  const flow = spans.find((span) => span.name === 'execute_flow f')
  const steps = spans.filter((span) => span.name.startsWith('execute_step'))
  if (steps.map((step) => step.name).join() !== 'execute_step a,execute_step b') {
    return `spans: ${spans.map((span) => span.name).join()}`
  }
  if (!steps.every((step) => step.parentSpanId === flow?.spanId)) return 'steps outside their flow'
  const missing = steps.flatMap(missingPhases)
  if (missing.length > 0) return `missing phases: ${missing.join()}`
  const counts = ['ledger append', 'ledger validate', 'check dao', 'check billing'].map(
    (name) => spans.filter((span) => span.name === name).length,
  )
  const outcomes: Readonly<Record<string, Outcome>> = {
    '2,2,2,1': 'complete',
    '2,2,0,1': 'without DAO checks',
  }
  return outcomes[counts.join()] ?? `ledger append and validate, check dao and billing: ${counts}`
}

function missingPhases({ attributes }: SunkSpan): string[] {
  const missing = attributes['qflow.step.phases.missing']
  return missing === undefined ? [] : [JSON.stringify(missing)]
}
