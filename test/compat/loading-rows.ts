import { cjsApp, deepImportFirst, esmApp, lateApp } from './apps.ts'
import type { Leg } from './project.ts'

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
export type Outcome = 'complete' | 'without DAO checks' | 'nothing'

export interface Row {
  readonly name: string
  readonly app: Leg['app']
  readonly layout: Leg['layout']
  readonly flags: readonly string[]
  readonly on20: Outcome
  readonly on24: Outcome
}

const esm: Leg['app'] = ['app.mjs', esmApp]
const cjs: Leg['app'] = ['app.cjs', cjsApp]

/** The loading table of the README of the instrumentation, which a test compares with it. */
export const loadingRows: readonly Row[] = [
  row('real folder, `import`', esm, 'real', byImport, 'complete', 'complete'),
  row(
    'real folder, a deep file imported first',
    ['app.mjs', deepImportFirst],
    'real',
    byImport,
    'complete',
    'complete',
  ),
  row(
    'symlinked (workspace, `npm link`, `file:`), `import`',
    esm,
    'symlinked',
    byImport,
    'complete',
    'complete',
  ),
  row('symlinked, `require`', cjs, 'symlinked', byImport, 'without DAO checks', 'complete'),
  row(
    'symlinked, `--preserve-symlinks`',
    esm,
    'symlinked',
    ['--preserve-symlinks', ...byImport],
    'complete',
    'complete',
  ),
  row('real folder, `require`', cjs, 'real', byImport, 'without DAO checks', 'complete'),
  row(
    'real folder, `require`, started with `--require`',
    cjs,
    'real',
    ['--require', register],
    'without DAO checks',
    'complete',
  ),
  row(
    'real folder, `import`, started with `--require`',
    esm,
    'real',
    ['--require', register],
    'complete',
    'complete',
  ),
  row('`--experimental-loader` beside `--import`', esm, 'real', byLoader, 'complete', 'complete'),
  row('loaded before the instrumentation', ['app.mjs', lateApp], 'real', [], 'nothing', 'nothing'),
]

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
