import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (folder: string) =>
  fileURLToPath(new URL(`./packages/${folder}/src/index.ts`, import.meta.url))

/** The example engine, as the packages below. */
const engine = fileURLToPath(new URL('./examples/qflow-engine/src/index.ts', import.meta.url))

/** Unit tests read the sources, so that a failing line is the line that was written. */
const alias = Object.fromEntries(
  ['semconv', 'instrumentation', 'analyzer', 'profiler', 'collector'].map((folder) => [
    `@qflow-otel/${folder}`,
    source(folder),
  ]),
)

/** Set by `.ci/run`, which adds the legs up. */
const reportFile = process.env['TEST_REPORT_FILE']

/** So much only what hangs takes, also on a machine that does ten other things. */
const leg = (name: string, include: string[], timeoutMs = 120_000) => ({
  resolve: { alias: { ...alias, '@anarq/qflow': engine } },
  test: { name, include, testTimeout: timeoutMs, hookTimeout: timeoutMs },
})

export default defineConfig({
  test: {
    // End-to-end tests mostly wait for processes of their own.
    maxWorkers: 3,
    reporters:
      reportFile === undefined ? ['default'] : ['default', ['json', { outputFile: reportFile }]],
    projects: [
      leg('unit', [
        'packages/*/src/**/*.test.ts',
        'examples/*/src/**/*.test.ts',
        'test/{architecture,contract,detection,fixtures,truth}/**/*.test.ts',
      ]),
      leg('e2e', ['test/e2e/**/*.test.ts']),
      leg('browser', ['test/browser/**/*.test.ts']),
      leg('compat', ['test/compat/**/*.test.ts'], 300_000),
      leg('interop', ['test/interop/**/*.test.ts'], 900_000),
    ],
  },
})
