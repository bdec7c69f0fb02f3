import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { decodeTracesProtobuf } from '@qflow-otel/analyzer'

/** A span as OTLP/JSON carries it, as far as these tests look. */
export interface SunkSpan {
  readonly name: string
  readonly spanId: string
  readonly parentSpanId?: string | undefined
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
    const body = await readBody(request)
    const isJson = request.headers['content-type']?.includes('json') === true
    const parsed: unknown = isJson ? JSON.parse(body.toString('utf8')) : undefined
    if (request.url?.endsWith('/v1/traces')) {
      spans.push(...(isJson ? spansIn(parsed) : spansInProtobuf(body)))
    }
    const names = isJson ? [...namesIn(parsed), ...eventsIn(parsed)] : namesInProtobuf(body)
    const kept = request.url?.endsWith('/v1/metrics') ? metricNames : eventNames
    if (!request.url?.endsWith('/v1/traces')) for (const name of names) kept.add(name)
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

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}

function spansInProtobuf(body: Buffer): SunkSpan[] {
  return decodeTracesProtobuf(body).spans.map((span) => ({
    ...span,
    attributes: Object.fromEntries(span.attributes),
  }))
}

/** The names of our metrics and events stand as they are between the bytes that frame them. */
function namesInProtobuf(body: Buffer): string[] {
  return body.toString('latin1').match(/qflow\.[a-z_.]+/g) ?? []
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
