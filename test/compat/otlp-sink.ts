import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

/** A span as OTLP/JSON carries it, as far as these tests look. */
export interface SunkSpan {
  readonly name: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly traceId: string
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface OtlpSink {
  readonly url: string
  readonly spans: SunkSpan[]
  readonly metricNames: Set<string>
  readonly eventNames: Set<string>
  close(): Promise<void>
}

interface KeyValue {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

/** Takes OTLP/JSON of one child process. */
export async function startOtlpSink(): Promise<OtlpSink> {
  const spans: SunkSpan[] = []
  const metricNames = new Set<string>()
  const eventNames = new Set<string>()
  const server = createServer(async (request, response) => {
    const body = await readJson(request)
    if (request.url?.endsWith('/v1/traces')) spans.push(...spansIn(body))
    if (request.url?.endsWith('/v1/metrics'))
      for (const name of namesIn(body)) metricNames.add(name)
    if (request.url?.endsWith('/v1/logs')) for (const name of eventsIn(body)) eventNames.add(name)
    response.setHeader('content-type', 'application/json').end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    metricNames,
    eventNames,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
  return JSON.parse(plain.toString('utf8'))
}

/** The items three levels down: resource, scope, item. The exporters are trusted to send that shape. */
function items(body: unknown, resources: string, scopes: string, leaf: string): unknown[] {
  const list = (value: unknown, key: string): unknown[] =>
    (value as Record<string, unknown[] | undefined>)[key] ?? []
  return list(body, resources)
    .flatMap((resource) => list(resource, scopes))
    .flatMap((scope) => list(scope, leaf))
}

function spansIn(body: unknown): SunkSpan[] {
  return items(body, 'resourceSpans', 'scopeSpans', 'spans').map((item) => {
    const span = item as SunkSpan & { attributes?: KeyValue[] }
    const pairs = (span.attributes as unknown as KeyValue[] | undefined) ?? []
    const attributes = Object.fromEntries(
      pairs.map(({ key, value }) => [key, Object.values(value)[0]]),
    )
    return { ...span, attributes }
  })
}

function namesIn(body: unknown): string[] {
  return items(body, 'resourceMetrics', 'scopeMetrics', 'metrics').map(
    (metric) => (metric as { name: string }).name,
  )
}

function eventsIn(body: unknown): string[] {
  return items(body, 'resourceLogs', 'scopeLogs', 'logRecords').map(
    (record) => (record as { eventName?: string }).eventName ?? '',
  )
}
