import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { importsOf, readImports } from './imports.ts'
import { allowedImports, violations } from './rules.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const imports = readImports(root)

test('packages import only what the architecture allows', () => {
  expect(violations(imports)).toEqual([])
})

test('every package is under a rule', () => {
  expect(readdirSync(`${root}/packages`).sort()).toEqual(Object.keys(allowedImports).sort())
})

test('the test reads every package', () => {
  const read = new Set(imports.map(({ from }) => from.split('/')[1]))
  expect([...read].sort()).toEqual(Object.keys(allowedImports).sort())
})

describe('planted violations are found', () => {
  const planted = (from: string, source: string) => violations(importsOf(from, source))

  test.each([
    [
      'an upward import between packages',
      'packages/semconv/src/a.ts',
      `import { b } from '@qflow-otel/analyzer'`,
    ],
    [
      'an upward import between stages',
      'packages/analyzer/src/path/a.ts',
      `import type { F } from '../detect/finding.ts'`,
    ],
    [
      'a stage that reaches for the facade',
      'packages/analyzer/src/path/a.ts',
      `import { createAnalyzer } from '../create-analyzer.ts'`,
    ],
    [
      'a side stage that reaches too high',
      'packages/analyzer/src/export/a.ts',
      `import type { F } from '../detect/finding.ts'`,
    ],
    [
      'a stage that imports a side stage',
      'packages/analyzer/src/recommend/a.ts',
      `import { x } from '../export/jaeger.ts'`,
    ],
    [
      'Node in the pure core',
      'packages/analyzer/src/stats/a.ts',
      `import { createHash } from 'node:crypto'`,
    ],
    [
      'the instrumented package at run time',
      'packages/instrumentation/src/a.ts',
      `import { executionEngine } from '@anarq/qflow'`,
    ],
    ['a dynamic import', 'packages/analyzer/src/a.ts', `const fs = await import('node:fs')`],
    ['a re-export', 'packages/analyzer/src/a.ts', `export { readFileSync } from 'node:fs'`],
    ['a side effect', 'packages/dashboard/src/a.ts', `import 'react'`],
    [
      'a relative import out of the package',
      'packages/cli/src/a.ts',
      `import { x } from '../../collector/src/x.ts'`,
    ],
  ])('%s', (_name, from, source) => {
    expect(planted(from, source)).toHaveLength(1)
  })

  test('and an allowed one is not', () => {
    expect(
      planted('packages/analyzer/src/detect/a.ts', `import { x } from '../stats/x.ts'`),
    ).toEqual([])
  })
})

test('the pure core has no clock, no randomness and no async code', () => {
  const impure =
    /\bMath\.random\(|\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\basync\s|\bawait\s|\bsetTimeout\(/
  const found = sourcesBelow('packages/analyzer/src').filter((file) =>
    impure.test(withoutComments(file)),
  )
  expect(found).toEqual([])
})

test('every package and every folder of the analyzer says what belongs there', () => {
  const stages = readdirSync(`${root}/packages/analyzer/src`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `packages/analyzer/src/${entry.name}`)
  const packages = Object.keys(allowedImports).map((name) => `packages/${name}`)
  expect(stages.length).toBeGreaterThan(5)
  expect(
    [...packages, ...stages].filter((folder) => !existsSync(`${root}/${folder}/README.md`)),
  ).toEqual([])
})

test('tests are neither switched off nor run alone', () => {
  const marked = /\b(it|test|describe)\.(only|todo)\b|\b(it|test|describe)\.skip\(/
  const files = [...sourcesBelow('packages', true), ...sourcesBelow('test', true)]
  expect(
    files.filter(
      (file) =>
        marked.test(readFileSync(`${root}/${file}`, 'utf8')) &&
        !file.endsWith('architecture.test.ts'),
    ),
  ).toEqual([])
})

test('programs that run beside a test are started in one place', () => {
  const starting = sourcesBelow('test', true).filter((file) =>
    /\b(spawn|fork)\(/.test(withoutComments(file)),
  )
  expect(starting).toEqual(['test/process/start-process.ts'])
})

function sourcesBelow(folder: string, withTests = false): string[] {
  return readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/(^|\/)(node_modules|dist)\//.test(file))
    .filter((file) => withTests || !/\.(test|bench)\.tsx?$/.test(file))
    .map((file) => `${folder}/${file}`)
}

function withoutComments(file: string): string {
  return readFileSync(`${root}/${file}`, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
}
