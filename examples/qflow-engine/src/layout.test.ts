import { execFile } from 'node:child_process'
import { access, copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
let project = ''
let folder = ''

/** Builds into a project where the package is a real folder, as an installed one is. */
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'qflow-layout-'))
  folder = join(project, 'node_modules/@anarq/qflow')
  await mkdir(join(folder, 'dist'), { recursive: true })
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'))
  await copyFile(join(root, 'src/package.json'), join(folder, 'dist/package.json'))
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  const build = [join(typescript, 'bin/tsc'), '-p', join(root, 'tsconfig.build.json')]
  await run(process.execPath, [...build, '--outDir', join(folder, 'dist')])
})
afterAll(() => rm(project, { recursive: true, force: true }))

const files = [
  'index.js',
  'core/ExecutionEngine.js',
  'core/ExecutionLedger.js',
  'core/FlowParser.js',
  'validation/UniversalValidationPipeline.js',
  'validation/SignedValidationCache.js',
  'optimization/ResourcePoolManager.js',
  'optimization/ParallelExecutionEngine.js',
  'governance/DAOSubnetService.js',
  'billing/ResourceBillingService.js',
  'events/EventEmitter.js',
  'webhooks/WebhookService.js',
]

test('every file of the contract is a module of its own, and any may be imported', async () => {
  await Promise.all(files.map((file) => access(join(folder, 'dist', file))))
  const main = await readFile(join(folder, 'dist/index.js'), 'utf8')
  expect(main).toContain("from './core/ExecutionEngine.js'")
  const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  expect(manifest).not.toHaveProperty('type')
  expect(manifest).not.toHaveProperty('exports')
})

test('imported, required or entered deep it is the same engine, says nothing, and lets the process end', async () => {
  const deep = "import { executionEngine as deep } from '@anarq/qflow/dist/core/ExecutionEngine.js'"
  const same = `${deep}; import { executionEngine } from '@anarq/qflow'; console.log(deep === executionEngine)`
  const inProject = { cwd: project, timeout: 20_000 }
  const imported = await run(process.execPath, ['--input-type=module', '-e', same], inProject)
  expect(imported).toEqual({ stdout: 'true\n', stderr: '' })
  const count = "console.log(require('@anarq/qflow').executionEngine.getAllExecutions().length)"
  const required = await run(process.execPath, ['-e', count], inProject)
  expect(required.stdout).toBe('0\n')
})
