import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plain, TimedPath } from '@qflow-otel/analyzer'
import { afterAll, afterEach, expect, test } from 'vitest'
import { runCli, startCollectorProcess } from '../process/cli.ts'
import { scratchFolder } from '../process/scratch-folder.ts'
import { startProcess } from '../process/start-process.ts'
import { until } from '../process/waiting.ts'
import { type ExportedFile, readExportedFile } from './exported-file.ts'
import { buildPeers, type Peers } from './peers.ts'
import { GENERATED, generateTelemetry, startOtelCollector } from './running-peers.ts'
import { startTap, type TappedRequest } from './tap.ts'

const story = fileURLToPath(new URL('story.mjs', import.meta.url))
/** Executions of its flow; each has a root and three steps. */
const STORY_EXECUTION_COUNT = 60

const built = await buildPeers()
if ('missing' in built) console.log(`skipped: ${built.missing}`)
const peersTest = test.skipIf('missing' in built)

const folder = scratchFolder()
/** What a test has started, the newest first, since what sends ends before what receives. */
const running: { stop(): Promise<unknown> }[] = []
function keep<T extends { stop(): Promise<unknown> }>(started: T): T {
  running.unshift(started)
  return started
}
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
})
afterAll(() => folder.remove())

peersTest('telemetrygen: traces, metrics and logs are accepted, every item counted', async () => {
  const collector = keep(await startCollectorProcess())
  await generateTelemetry(requirePeers(), collector.port)
  const { traceCount, spansPerTrace, metricCount, logCount } = GENERATED
  expect(await accounting(collector.url)).toMatchObject({
    traces: { accepted: traceCount * spansPerTrace },
    metrics: { accepted: metricCount },
    logs: { accepted: logCount },
  })
})

peersTest(
  'application -> Collector -> qflow-otel -> Collector -> file: the same bytes, every span, findings as metrics and logs',
  async () => {
    const peers = requirePeers()
    const file = path.join(folder.path, 'out.jsonl')
    const { firstPort, before, after, url } = await startPipeline(peers, file)
    await generateTelemetry(peers, firstPort)
    const app = keep(startProcess(process.execPath, [story, `http://127.0.0.1:${firstPort}`]))
    const [, storyText] = await app.printed(/sent (\d+) spans/)
    const generated = GENERATED.traceCount * GENERATED.spansPerTrace
    const spanCount = generated + Number(storyText)

    const counts = await until('all spans are forwarded', async () => {
      const accounts = await accounting(url)
      return accounts.traces.sent === spanCount ? accounts : undefined
    })
    expect(counts).toMatchObject({
      traces: { accepted: spanCount, queued: 0, refusedByBackend: 0 },
      metrics: { accepted: GENERATED.metricCount },
      logs: { accepted: GENERATED.logCount },
    })
    const found = await until('everything reaches the file', () => complete(file, spanCount))
    expect(found.spans).toHaveLength(spanCount)
    expect(count(found.metrics, ({ name }) => name === 'gen')).toBe(GENERATED.metricCount)
    expect(count(found.logs, ({ eventName = '' }) => eventName === '')).toBe(GENERATED.logCount)

    expectSameBytes(before.requests, after.requests)
    const shown = before.requests.map(
      ({ signal, contentEncoding, body }) => `${signal} ${body.length} ${contentEncoding}`,
    )
    console.log(`${shown.length} requests came and left with equal bytes: ${shown.join(', ')}`)
    await expectCriticalPaths(found)
  },
)

/** first Collector -> tap -> our collector -> tap -> last Collector -> file. */
async function startPipeline(peers: Peers, file: string) {
  const exporter = `file:\n    path: ${file}\n    flush_interval: 100ms`
  const last = keep(
    await startOtelCollector(peers, { folder: folder.path, name: 'last', exporter }),
  )
  const after = keep(await startTap(last.port))
  const collector = keep(
    await startCollectorProcess(
      '--forward-url',
      `http://127.0.0.1:${after.port}`,
      '--metric-interval-ms',
      '500',
    ),
  )
  const before = keep(await startTap(collector.port))
  const first = keep(
    await startOtelCollector(peers, {
      folder: folder.path,
      name: 'first',
      exporter: `otlphttp:\n    endpoint: http://127.0.0.1:${before.port}`,
    }),
  )
  return { firstPort: first.port, before, after, url: collector.url }
}

/** What is in the file once every span is there, and a finding both as an event and as a metric. */
function complete(file: string, spanCount: number): ExportedFile | undefined {
  const found = readExportedFile(file)
  if (found === undefined || found.spans.length < spanCount) return undefined
  const isLogged = found.logs.some(({ eventName }) => eventName === 'qflow.bottleneck.opened')
  const isMeasured = found.metrics.some(({ name }) => name === 'qflow.bottleneck.share')
  return isLogged && isMeasured ? found : undefined
}

/** Each request that came in left once with equal headers and bytes; what left besides is our own telemetry. */
function expectSameBytes(before: readonly TappedRequest[], after: readonly TappedRequest[]): void {
  const left = new Map<string, number>()
  for (const request of after) left.set(wireForm(request), (left.get(wireForm(request)) ?? 0) + 1)
  for (const request of before) {
    expect(request.status).toBe(200)
    expect(left.get(wireForm(request)) ?? 0, `${request.signal} left`).toBeGreaterThan(0)
    left.set(wireForm(request), (left.get(wireForm(request)) ?? 0) - 1)
  }
  for (const signal of ['traces', 'metrics', 'logs'])
    expect(before.some((request) => request.signal === signal)).toBe(true)
  expect(count(after, ({ signal }) => signal === 'traces')).toBe(
    count(before, ({ signal }) => signal === 'traces'),
  )
}

function wireForm({ signal, contentType, contentEncoding, body }: TappedRequest): string {
  return [signal, contentType, contentEncoding, body.toString('base64')].join(' ')
}

/** `analyze --critical-path` on what the Collector's file exporter wrote: the roots' own times, tiled by spans in it. */
async function expectCriticalPaths({ text, spans }: ExportedFile): Promise<void> {
  const file = folder.write('whole-lines.jsonl', text)
  const { code, out, err } = await runCli(['analyze', '--critical-path', '--json', file])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  // The README of the command has this form.
  const { paths } = JSON.parse(out) as { paths: readonly Plain<TimedPath>[] }
  expect(paths).toHaveLength(STORY_EXECUTION_COUNT + GENERATED.traceCount)
  const byId = new Map(spans.map((span) => [`${span.traceId}/${span.spanId}`, span]))
  for (const { root, segments, startUnixNs, endUnixNs } of paths) {
    const span = byId.get(`${root?.traceId}/${root?.spanId}`)
    expect([startUnixNs, endUnixNs]).toEqual([span?.startTimeUnixNano, span?.endTimeUnixNano])
    let at = startUnixNs
    for (const segment of segments) {
      const own = byId.get(`${segment.traceId}/${segment.spanId}`)
      expect(segment.startUnixNs).toBe(at)
      expect(BigInt(segment.startUnixNs)).toBeGreaterThanOrEqual(
        BigInt(own?.startTimeUnixNano ?? 'no span'),
      )
      expect(BigInt(segment.endUnixNs)).toBeLessThanOrEqual(
        BigInt(own?.endTimeUnixNano ?? 'no span'),
      )
      at = segment.endUnixNs
    }
    expect(at).toBe(endUnixNs)
  }
}

interface Account {
  readonly accepted: number
  readonly sent: number
}

async function accounting(
  url: string,
): Promise<Readonly<Record<'traces' | 'metrics' | 'logs', Account>>> {
  const response = await fetch(`${url}/health`)
  const { accounting: accounts } = (await response.json()) as {
    accounting: Readonly<Record<'traces' | 'metrics' | 'logs', Account>>
  }
  return accounts
}

function count<T>(items: readonly T[], isCounted: (item: T) => boolean): number {
  return items.filter(isCounted).length
}

function requirePeers(): Peers {
  if ('missing' in built) throw new Error(built.missing)
  return built.peers
}
