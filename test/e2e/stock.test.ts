import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bottleneck, ExecutionReport, Plain, Report } from '@qflow-otel/analyzer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, type CollectorProcess, runCli, startCollectorProcess } from '../process/cli.ts'
import { type EndedProcess, startProcess } from '../process/start-process.ts'
import { until } from '../process/waiting.ts'
import { brokenTiling, inexactPhases } from './exact.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const register = ['--import', '@qflow-otel/instrumentation/register']

interface Run {
  readonly flowId: string
  readonly executionId: string
  readonly stepIds: readonly string[]
}

/** An application whose engine is a real folder in node_modules and whose code knows nothing of qflow-otel. */
let folder: string
let collector: CollectorProcess
let runs: readonly Run[]
let ended: EndedProcess

beforeAll(async () => {
  folder = layOut()
  collector = await startCollectorProcess()
  const app = startProcess(process.execPath, [...register, 'app.mjs'], {
    cwd: folder,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'stock' },
  })
  await app.printed(/all done/)
  // The engine's timers keep the process alive; what is left in the exporters leaves by the signal.
  app.child.kill('SIGTERM')
  ended = await app.ended
  runs = ended.out
    .split('\n')
    .filter((line) => line.startsWith('{"flowId"'))
    .map((line) => JSON.parse(line))
  await until('every execution has entered the baselines', async () => {
    const counts = (await report()).flows.map(({ executionCount }) => executionCount)
    return counts.reduce((sum, count) => sum + count, 0) === runs.length || undefined
  })
})

afterAll(async () => {
  await collector?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('the application runs and ends as it does without instrumentation', () => {
  expect(ended).toMatchObject({ code: null, signal: 'SIGTERM', err: '' })
  expect(runs.map(({ flowId }) => flowId)).toEqual([
    ...Array(40).fill('long'),
    ...Array(3).fill('mixed'),
  ])
})

test('every step of every execution has its span, with parent and exact phases; the path tiles', async () => {
  for (const { executionId, flowId, stepIds } of runs) {
    const { execution, path } = await reportOf(executionId)
    const [flowSpan] = execution.spans
    expect(flowSpan).toMatchObject({ role: 'execution', name: `execute_flow ${flowId}` })
    const steps = execution.spans.filter(({ role }) => role === 'step')
    expect(steps.map(({ name }) => name)).toEqual(stepIds.map((id) => `execute_step ${id}`))
    expect(new Set(steps.map(({ parentSpanId }) => parentSpanId))).toEqual(
      new Set([flowSpan?.spanId]),
    )
    expect(execution).toMatchObject({ status: 'completed', closeReason: 'root_ended', flags: [] })
    const exact = {
      ...execution,
      attributesOf: (row: number) => Object.entries(execution.spans[row]?.attributes ?? {}),
    }
    expect(inexactPhases(exact)).toEqual([])
    expect(brokenTiling(exact, path)).toEqual([])
    for (const { phasesNs, missingPhases } of execution.steps) {
      expect(missingPhases).toEqual([])
      expect(Object.keys(phasesNs)).toContain('ledger')
    }
  }
})

test('the bottleneck of the flow without tasks is the validation of the ledger', async () => {
  const { findings } = await report()
  const bottlenecks = findings.filter(
    (one): one is Plain<Bottleneck> =>
      one.kind === 'bottleneck' && one.place.flowId === 'long' && one.state === 'open',
  )
  const [largest] = bottlenecks.sort((a, b) => b.speedup.value - a.speedup.value)
  expect(largest).toMatchObject({ class: 'ledger', place: { phase: 'ledger' } })
  const { code, out } = await runCli(['why', 'long', '--url', collector.url])
  expect(code).toBe(0)
  expect(out).toContain('ledger')
})

async function report(): Promise<Plain<Report>> {
  const answer = await ask<{ report: Plain<Report> }>(collector.url, '/api/v1/report')
  if (answer === undefined) throw new Error('expected a report')
  return answer.report
}

async function reportOf(executionId: string): Promise<Plain<ExecutionReport>> {
  const answer = await ask<{ execution: Plain<ExecutionReport> }>(
    collector.url,
    `/api/v1/executions/${executionId}`,
  )
  if (answer === undefined) throw new Error(`expected execution ${executionId}`)
  return answer.execution
}

/** What `npm install` would have put there, from what is built here. */
function layOut(): string {
  const into = mkdtempSync(path.join(tmpdir(), 'qflow-otel-stock-'))
  const modules = path.join(into, 'node_modules')
  cpSync(path.join(root, 'test/fixtures/qflow-stock'), path.join(modules, '@anarq/qflow'), {
    recursive: true,
  })
  for (const own of ['semconv', 'instrumentation']) {
    for (const part of ['package.json', 'dist']) {
      const to = path.join(modules, '@qflow-otel', own, part)
      cpSync(path.join(root, 'packages', own, part), to, { recursive: true })
    }
  }
  mkdirSync(path.join(modules, '@opentelemetry'))
  const installed = new Map<string, string>()
  for (const home of ['packages/instrumentation', 'examples/order-processing']) {
    const scope = path.join(root, home, 'node_modules/@opentelemetry')
    for (const name of readdirSync(scope)) installed.set(name, path.join(scope, name))
  }
  for (const [name, from] of installed)
    symlinkSync(from, path.join(modules, '@opentelemetry', name))
  cpSync(fileURLToPath(new URL('stock-app.mjs', import.meta.url)), path.join(into, 'app.mjs'))
  return into
}
