import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { OtlpDecodeError, type SpanRecord, TracesDecoder } from '@qflow-otel/analyzer'
import { beforeAll, describe, expect, test } from 'vitest'
import { installPackages, type NodeVersion, nodeBinary } from './installed.ts'

/** What each line's exporters send, and what its own spans say. */
interface Exported {
  readonly protobuf: string
  readonly json: string
  readonly spans: readonly object[]
}

const lines = {
  '2.x': {
    packages: {
      '@opentelemetry/api': '1.9.1',
      '@opentelemetry/sdk-trace-base': '2.12.1',
      '@opentelemetry/resources': '2.12.1',
      '@opentelemetry/otlp-transformer': '0.223.0',
    },
    imports: `import { BasicTracerProvider as Provider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
const processorOf = (exporter) => new SimpleSpanProcessor(exporter)`,
  },
  '3.x': {
    packages: {
      '@opentelemetry/api': '1.10.0',
      '@opentelemetry/sdk-trace': '3.1.1',
      '@opentelemetry/resources': '3.1.0',
      '@opentelemetry/otlp-transformer': '0.301.0',
    },
    imports: `import { TracerProvider as Provider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
const processorOf = (exporter) => new SimpleSpanProcessor({ exporter })`,
  },
} as const

const script = (imports: string) => `
import { createTraceState, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
${imports}
const exporter = new InMemorySpanExporter()
const resource = resourceFromAttributes({ 'service.name': 'shop', 'process.pid': 4711 })
const tracer = new Provider({ resource, spanProcessors: [processorOf(exporter)] }).getTracer('a scope', '1.2.3')
const remote = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: '00f067aa0ba902b7',
  traceFlags: 1,
  isRemote: true,
  traceState: createTraceState('ot=th:8'),
}
const start = [1_700_000_000, 123_456_789]
for (let execution = 0; execution < 3; execution++) {
  const context = trace.setSpanContext(ROOT_CONTEXT, remote)
  const root = tracer.startSpan('execute_flow order', { kind: 1, startTime: start }, execution === 0 ? ROOT_CONTEXT : context)
  for (let kind = 0; kind < 5; kind++) {
    const child = tracer.startSpan('ein Schritt, größer 😀', {
      kind,
      startTime: [start[0], start[1] + kind],
      links: kind === 1 ? [{ context: root.spanContext(), attributes: { a: 1 } }] : [],
    }, trace.setSpan(ROOT_CONTEXT, root))
    child.setAttributes({
      'qflow.step.id': 'charge',
      'qflow.step.attempt': kind,
      'qflow.step.phase.work': 0.1 * kind,
      whole: 3.0,
      negative: -7,
      'large.int': Number.MAX_SAFE_INTEGER,
      'small.double': 5e-324,
      flag: kind % 2 === 0,
      text: 'ß'.repeat(200),
      texts: ['a', '', 'c'],
      numbers: [1, -1, 0.5],
      flags: [true, false],
    })
    if (kind === 2) child.setAttribute('qflow.step.id', 'later')
    child.addEvent('an event', { e: 1 })
    if (kind === 3) child.setStatus({ code: 2, message: 'no' })
    if (kind === 4) child.setStatus({ code: 1 })
    child.end([start[0] + 1, kind])
  }
  root.end([start[0] + 2, 0])
}
const spans = exporter.getFinishedSpans()
const base64 = (bytes) => Buffer.from(bytes).toString('base64')
console.log(JSON.stringify({
  protobuf: base64(ProtobufTraceSerializer.serializeRequest(spans)),
  json: base64(JsonTraceSerializer.serializeRequest(spans)),
  spans: spans.map((span) => ({
    traceId: span.spanContext().traceId,
    spanId: span.spanContext().spanId,
    parentSpanId: span.parentSpanContext?.spanId ?? '',
    traceState: span.spanContext().traceState?.serialize() ?? '',
    name: span.name,
    kind: ['internal', 'server', 'client', 'producer', 'consumer'][span.kind],
    start: span.startTime,
    end: span.endTime,
    attributes: Object.entries(span.attributes),
    links: span.links.map(({ context: { traceId, spanId } }) => ({ traceId, spanId })),
    status: ['unset', 'ok', 'error'][span.status.code],
    resource: Object.entries(span.resource.attributes),
  })),
}))
`

function runExporters(line: keyof typeof lines, node: NodeVersion): Exported {
  const { packages, imports } = lines[line]
  const folder = mkdtempSync(path.join(tmpdir(), 'qflow-otel-exporters-'))
  try {
    symlinkSync(
      path.join(installPackages(packages), 'node_modules'),
      path.join(folder, 'node_modules'),
    )
    const file = path.join(folder, 'export.mjs')
    writeFileSync(file, script(imports))
    return JSON.parse(execFileSync(nodeBinary(node), [file], { encoding: 'utf8' }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe.each([
  ['2.x', 'current'],
  ['3.x', '24'],
] as const)('the exporters of SDK %s', (line, node) => {
  let exported: Exported
  let protobuf: Buffer
  let json: string
  beforeAll(() => {
    exported = runExporters(line, node)
    protobuf = Buffer.from(exported.protobuf, 'base64')
    json = Buffer.from(exported.json, 'base64').toString('utf8')
  })

  test('are read in both encodings as their own spans say', () => {
    const decoder = new TracesDecoder()
    for (let round = 0; round < 2; round++)
      for (const { spans, ...losses } of [
        decoder.protobuf(protobuf),
        decoder.json(JSON.parse(json)),
      ]) {
        expect(losses).toEqual({ rejected: [], rejectedCount: 0, clipped: {} })
        expect(spans.map(asExported)).toEqual(exported.spans)
      }
    expect(exported.spans).toHaveLength(18)
  })

  test('cut at every byte give typed errors or the first spans', () => {
    const decoder = new TracesDecoder()
    for (let length = 0; length < protobuf.length; length++)
      try {
        const { spans } = decoder.protobuf(protobuf.subarray(0, length))
        expect(spans.map(asExported)).toEqual(exported.spans.slice(0, spans.length))
      } catch (error) {
        expect(error).toBeInstanceOf(OtlpDecodeError)
      }
    // No cut text is JSON, so that the reader never sees one.
    for (let length = 0; length < json.length; length++)
      expect(() => JSON.parse(json.slice(0, length))).toThrow(SyntaxError)
  })
})

function asExported({ startUnixNs, endUnixNs, attributes, resource, ...span }: SpanRecord): object {
  return {
    ...span,
    parentSpanId: span.parentSpanId ?? '',
    start: hrTime(startUnixNs),
    end: hrTime(endUnixNs),
    attributes: [...attributes],
    resource: [...resource.attributes],
  }
}

function hrTime(unixNs: bigint): number[] {
  return [Number(unixNs / 1_000_000_000n), Number(unixNs % 1_000_000_000n)]
}
