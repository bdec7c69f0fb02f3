import type { Finding, FlowReport, Plain, Report } from '@qflow-otel/analyzer'
import { afterAll, expect, test } from 'vitest'
import { otlpProtobuf, sampleExecutions } from '../../packages/cli/test/sample-traces.ts'
import { ask, type CollectorProcess, startCollectorProcess } from '../process/cli.ts'
import { scratchFolder } from '../process/scratch-folder.ts'
import { until } from '../process/waiting.ts'

const EXECUTIONS = 120
/** Half of them are slow. */
const SLOW_FROM = 60

const folder = scratchFolder()
const started: CollectorProcess[] = []
afterAll(async () => {
  for (const one of started) one.child.kill('SIGKILL')
  folder.remove()
})

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'what was learned survives %s: as many executions, the same open findings',
  async (signal) => {
    const flags = ['--state-dir', `${folder.path}/${signal}`, '--snapshot-interval-ms', '500']
    const first = await startCollectorProcess(...flags)
    started.push(first)
    await sendSample(first.url)
    const before = await until('every execution has entered the baselines', async () => {
      const known = await knownAt(first.url)
      return known.flows[0]?.executionCount === EXECUTIONS ? known : undefined
    })
    expect(before.open.map(({ kind }) => kind)).toContain('regression')
    if (signal === 'SIGKILL') await wroteSince(first.url, Date.now())
    const gone = new Promise((resolve) => first.child.once('exit', resolve))
    first.child.kill(signal)
    await gone

    const second = await startCollectorProcess(...flags)
    started.push(second)
    expect(await knownAt(second.url)).toEqual(before)
    expect(await second.stop()).toMatchObject({ code: 0, err: '' })
  },
)

async function sendSample(url: string): Promise<void> {
  // Over for a while, so that nothing waits for what is late.
  const startUnixMs = Date.now() - 600_000
  const spans = sampleExecutions({
    executionCount: EXECUTIONS,
    slowFrom: SLOW_FROM,
    startUnixMs,
  }).flat()
  const response = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(otlpProtobuf(spans)),
  })
  expect(response.status).toBe(200)
}

interface Known {
  readonly flows: readonly Plain<FlowReport>[]
  readonly open: readonly Plain<Finding>[]
}

async function knownAt(url: string): Promise<Known> {
  const answer = await ask<{ report: Plain<Report> }>(url, '/api/v1/report')
  if (answer === undefined) throw new Error('expected a report')
  const { flows, findings } = answer.report
  return { flows, open: findings.filter(({ state }) => state === 'open') }
}

/** Resolves once a snapshot was written after that time. */
function wroteSince(url: string, unixMs: number): Promise<true> {
  return until('a snapshot', async () => {
    const health = await ask<{ stateDir: { writtenUnixMs?: number } }>(url, '/health')
    return (health?.stateDir.writtenUnixMs ?? 0) > unixMs || undefined
  })
}
