import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { AnalyzerChange } from '@qflow-otel/analyzer'
import { describe, expect, test } from 'vitest'
import { feed } from '../fixtures/feed.ts'
import { send } from '../fixtures/http.ts'
import {
  executionRequest,
  heapRequest,
  json,
  metricsRequest,
  oneExecution,
  protobuf,
  protobufOf,
} from '../fixtures/otlp.ts'
import { backend, closeLater, start, until } from '../fixtures/start.ts'
import { unaccounted } from './accounting.ts'
import { unixMsOf } from './clock.ts'
import { startCollector } from './collector.ts'

describe('the backend', () => {
  test('that is busy is asked again, and everything is accounted for', async () => {
    const downstream = await backend()
    downstream.answers.push({ status: 503 }, { status: 429, headers: { 'retry-after': '60' } })
    const { url, collector, clock } = await start({ forwardUrl: downstream.url })
    await send(url, '/v1/metrics', {
      headers: protobuf,
      body: protobufOf('Metrics', metricsRequest(7)),
    })
    const account = () => collector.health().accounting.metrics
    await downstream.arrived(1)
    await until(
      () => collector.health().forward?.failure !== undefined,
      () => clock.advance(0),
    )
    expect(account()).toMatchObject({ accepted: 7, queued: 7, sent: 0 })
    expect(collector.health()).toMatchObject({
      status: 'degraded',
      problems: ['forwarding: the backend answered 503'],
    })
    await clock.advance(5_000)
    await downstream.arrived(2)
    await until(
      () => collector.health().forward?.failure?.includes('429'),
      () => clock.advance(10),
    )
    await clock.advance(59_000)
    expect(downstream.received).toHaveLength(2)
    await clock.advance(1_000)
    await downstream.arrived(3)
    await until(
      () => account().sent === 7,
      () => clock.advance(0),
    )
    expect(unaccounted(account())).toBe(0)
    expect(collector.health().status).toBe('ok')
  })

  test('that refuses part of a request is believed', async () => {
    const downstream = await backend()
    const body = Buffer.from('{"partialSuccess":{"rejectedDataPoints":"2"}}')
    downstream.answers.push({ status: 200, headers: json, body })
    const { url, collector, clock } = await start({ forwardUrl: downstream.url })
    await send(url, '/v1/metrics', { headers: json, body: JSON.stringify(metricsRequest(7)) })
    const account = () => collector.health().accounting.metrics
    await until(
      () => account().queued === 0,
      () => clock.advance(0),
    )
    expect(account()).toMatchObject({ sent: 5, refusedByBackend: 2 })
  })

  test('that is away fills the queue: senders are told to come back', async () => {
    const { url, collector, clock } = await start({
      forwardUrl: 'http://127.0.0.1:9',
      forwardQueueBytes: 2_000,
      closeTimeoutMs: 1,
    })
    const answers = []
    for (let n = 0; n < 3; n++)
      answers.push(await send(url, '/v1/traces', { headers: protobuf, body: oneExecution }))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 503])
    expect(answers[2]?.headers['retry-after']).toBe('5')
    expect(collector.health().accounting.traces).toMatchObject({
      accepted: 4,
      queued: 4,
      refused: { queue_full: 2 },
    })
    const closing = collector.close()
    await until(
      () => collector.health().accounting.traces.queued === 0,
      () => clock.advance(1),
    )
    await closing
    expect(collector.health().accounting.traces).toMatchObject({ dropped: { closing: 4 } })
  })

  test('must not be the collector itself', async () => {
    const forwardUrl = 'http://localhost:4318'
    await expect(startCollector({ forwardUrl })).rejects.toThrow('forwardUrl: expected another')
  })
})

test('/metrics speaks the names of the Collector', async () => {
  const downstream = await backend()
  const { url, clock, collector } = await start({ forwardUrl: downstream.url })
  await send(url, '/v1/metrics', { headers: json, body: JSON.stringify(metricsRequest(3)) })
  await send(url, '/v1/traces', { headers: json, body: '{' })
  await until(
    () => collector.health().accounting.metrics.sent === 3,
    () => clock.advance(0),
  )
  const text = (await send(url, '/metrics')).body.toString()
  for (const line of [
    'otelcol_receiver_accepted_metric_points_total{receiver="otlp"} 3',
    'otelcol_exporter_sent_metric_points_total{exporter="otlp_http"} 3',
    'otelcol_exporter_queue_size{exporter="otlp_http"} 0',
    'otelcol_exporter_queue_capacity{exporter="otlp_http"} 67108864',
    '# HELP qflow_collector_requests_total OTLP requests by what became of them.',
    'qflow_collector_requests_total{qflow_collector_signal="traces",qflow_collector_outcome="undecodable"} 1',
  ])
    expect(text).toContain(line)
})

test.each(['json', 'protobuf'] as const)(
  'a process that leaks, by its metrics in %s, is told',
  async (encoding) => {
    const told: AnalyzerChange[] = []
    const { url, clock } = await start({ onFindings: (changes) => told.push(...changes) })
    for (let hour = 0; hour < 6; hour += 1) {
      await clock.advance(3_600_000)
      const request = heapRequest({ hour, untilUnixMs: unixMsOf(clock) })
      const body = encoding === 'json' ? JSON.stringify(request) : protobufOf('Metrics', request)
      await send(url, '/v1/metrics', { headers: encoding === 'json' ? json : protobuf, body })
    }
    await clock.advance(10_000)
    const leak = told.find(({ finding }) => finding.kind === 'regression')
    expect(leak?.finding).toMatchObject({
      metric: 'memory',
      place: { process: { serviceName: 'shop' } },
    })
    expect(leak?.finding.sentence).toContain('grows by')
    expect(told.some(({ finding }) => finding.kind === 'alert')).toBe(true)
  },
)

test('a change that was found leaves as metrics and events', async () => {
  const downstream = await backend()
  const told: AnalyzerChange[] = []
  const { url, clock, collector } = await start({
    forwardUrl: downstream.url,
    onFindings: (changes) => told.push(...changes),
  })
  await feed({ url, clock }, { count: 80, workMs: 50, from: 0 })
  await feed({ url, clock }, { count: 80, workMs: 200, from: 80 })
  const { findings, alerts } = collector.analyzer.report()
  const open = findings.filter(({ state }) => state === 'open').map(({ id }) => id)
  expect(new Set(told.map(({ finding }) => finding.id))).toEqual(
    new Set([...findings, ...alerts].map(({ id }) => id)),
  )
  expect(alerts).toMatchObject([{ state: 'open', flowIds: ['pay'] }])
  const last = new Map(told.map(({ change, finding }) => [finding.id, change]))
  expect(open.every((id) => last.get(id) !== 'resolved')).toBe(true)
  expect(findings.some(({ kind }) => kind === 'regression')).toBe(true)
  await collector.close()
  const bodies = (to: string) =>
    downstream.received
      .filter((one) => one.path === to && one.headers['user-agent'] !== 'qflow-otel-collector')
      .map((one) => one.body.toString('latin1'))
      .join('')
  expect(bodies('/v1/logs')).toContain('qflow.regression.opened')
  expect(bodies('/v1/logs')).toContain('qflow.alert.opened')
  expect(bodies('/v1/metrics')).toContain('qflow.regression.active')
  expect(collector.health().ownExports).toMatchObject({ failedCount: 0 })
})

test('a collector may stand behind another; the official exporters inside are understood', async () => {
  const behind = await start()
  const front = await start({ forwardUrl: behind.url })
  await feed(front, { count: 5, workMs: 50, from: 0 })
  await front.collector.close()
  const { accounting, requests } = behind.collector.health()
  expect(accounting.traces).toMatchObject({ accepted: 10, invalid: 0 })
  expect(accounting.metrics.accepted).toBeGreaterThan(20)
  expect([requests.metrics.undecodable, requests.logs.undecodable]).toEqual([0, 0])
  await behind.clock.advance(120_000)
  expect(behind.collector.analyzer.executions({})).toHaveLength(5)
})

test('the revision grows whenever an answer changes, and then stands still', async () => {
  const { url, clock, collector } = await start()
  const answers = async () =>
    (await Promise.all(['report', 'executions'].map((name) => send(url, `/api/v1/${name}`))))
      .map(({ body }) => body.toString())
      .join('')
  const seen: { revision: number; answer: string }[] = []
  const look = async () =>
    seen.push({ revision: collector.health().revision, answer: await answers() })
  await look()
  for (let n = 1; n <= 3; n++) {
    const request = executionRequest({ n, startUnixMs: unixMsOf(clock), workMs: 900 })
    await send(url, '/v1/traces', { headers: protobuf, body: protobufOf('Traces', request) })
    await look()
    await clock.advance(2_000)
    await look()
  }
  for (let second = 0; second < 20; second++) {
    await clock.advance(1_000)
    await look()
  }
  const changed = seen
    .slice(1)
    .map((now, index) => ({ now, before: seen[index] }))
    .filter(({ now, before }) => now.answer !== before?.answer)
  expect(changed.filter(({ now, before }) => now.revision === before?.revision)).toEqual([])
  // Each came, closed, and entered the baselines; the first entered when the third closed.
  expect(changed.length).toBeGreaterThanOrEqual(8)
  expect(collector.analyzer.report().flows[0]?.executionCount).toBe(3)
  expect(new Set(seen.slice(-10).map(({ revision }) => revision)).size).toBe(1)
})

test('a restart knows what was learned', async () => {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'qflow-otel-restart-'))
  closeLater({ close: async () => rmSync(stateDir, { recursive: true, force: true }) })
  const first = await start({ stateDir })
  await feed(first, { count: 40, workMs: 50, from: 0 })
  const before = first.collector.analyzer.report().flows
  expect(before[0]).toMatchObject({ executionCount: 40, state: 'watching' })
  await first.collector.close()
  const second = await start({ stateDir })
  expect(second.collector.analyzer.report().flows).toEqual(before)
  expect(second.collector.health().stateDir).toMatchObject({ restored: 'snapshot' })
})

describe('a snapshot with the right checksum that holds no flows', () => {
  test.each<[string, (payload: { flows: object[] }) => unknown]>([
    ['no object', () => null],
    ['a list', () => []],
    ['nothing', () => ({})],
    ['another version', (payload) => ({ ...payload, version: 9 })],
    ['no list of flows', (payload) => ({ ...payload, flows: null })],
    ['one that is no flow', (payload) => ({ ...payload, flows: [...payload.flows, 1] })],
    [
      'one of wrong parts',
      (payload) => ({
        ...payload,
        flows: payload.flows.map((flow) =>
          Object.fromEntries(Object.entries(flow).map(([key, part]) => [key, emptied(part)])),
        ),
      }),
    ],
  ])('(%s) is set aside and named, and never overwritten', async (_name, damage) => {
    const stateDir = mkdtempSync(path.join(tmpdir(), 'qflow-otel-hostile-'))
    closeLater({ close: async () => rmSync(stateDir, { recursive: true, force: true }) })
    const first = await start({ stateDir })
    await feed(first, { count: 40, workMs: 50, from: 0 })
    await first.collector.close()
    const file = path.join(stateDir, 'analyzer.json')
    const written = readFileSync(file, 'utf8').split('\n')[1] ?? ''
    const payload = JSON.stringify(damage(JSON.parse(written)))
    const sha256 = createHash('sha256').update(payload).digest('hex')
    const head = { format: 'qflow-otel-analyzer', version: 1, writtenUnixMs: 1, sha256 }
    const damaged = `${JSON.stringify(head)}\n${payload}\n`
    writeFileSync(file, damaged)
    const { collector } = await start({ stateDir })
    const { problems, stateDir: state } = collector.health()
    expect(state?.restored).toBe('set_aside')
    expect(problems).toEqual([expect.stringContaining('analyzer.json.corrupt-1')])
    await collector.close()
    expect(readFileSync(`${file}.corrupt-1`, 'utf8')).toBe(damaged)
  })

  const emptied = (part: unknown) => {
    if (Array.isArray(part)) return [7]
    return typeof part === 'object' && part !== null ? {} : part
  }
})
