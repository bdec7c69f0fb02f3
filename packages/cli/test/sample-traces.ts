import { context, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'

/** Executions of one flow, made with the SDK and written by the official serializers. */
export interface SampleOptions {
  readonly flowId?: string
  readonly executionCount: number
  /** From this execution on the card service answers 40 ms later. */
  readonly slowFrom?: number
  readonly startUnixMs?: number
}

const START_UNIX_MS = Date.UTC(2026, 10, 23, 14)
const EXECUTION_EVERY_MS = 2_000

/** The spans of each execution. */
export function sampleExecutions(options: SampleOptions): readonly (readonly ReadableSpan[])[] {
  const memory = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({
    idGenerator: countingIds(),
    spanProcessors: [new SimpleSpanProcessor(memory)],
  })
  const tracer = provider.getTracer('@qflow-otel/instrumentation')
  const noise = noiseFrom(7)
  return Array.from({ length: options.executionCount }, (_, index) => {
    memory.reset()
    recordExecution(tracer, { index, noise, options })
    return memory.getFinishedSpans()
  })
}

/** An export request as OTLP/JSON. */
export function otlpJson(spans: readonly ReadableSpan[]): string {
  return Buffer.from(JsonTraceSerializer.serializeRequest([...spans]) ?? []).toString('utf8')
}

/** An export request as OTLP protobuf. */
export function otlpProtobuf(spans: readonly ReadableSpan[]): Buffer {
  return Buffer.from(ProtobufTraceSerializer.serializeRequest([...spans]) ?? [])
}

/** One request a line, as the Collector's file exporter writes. */
export function otlpJsonLines(executions: readonly (readonly ReadableSpan[])[]): string {
  return executions.map((spans) => `${otlpJson(spans)}\n`).join('')
}

/** What Jaeger's query API and its UI's download give. */
export function jaegerJson(executions: readonly (readonly ReadableSpan[])[]): string {
  return JSON.stringify({ data: executions.map(jaegerTrace), total: 0, limit: 0, errors: null })
}

function recordExecution(
  tracer: Tracer,
  run: { index: number; noise: () => number; options: SampleOptions },
): void {
  const { index, noise, options } = run
  const { flowId = 'order', slowFrom = Number.POSITIVE_INFINITY } = options
  const startMs = (options.startUnixMs ?? START_UNIX_MS) + index * EXECUTION_EVERY_MS
  const identity = {
    'qflow.flow.id': flowId,
    'qflow.flow.version': '1.0.0',
    'qflow.execution.id': `${flowId}-${index}`,
  }
  const kind = SpanKind.INTERNAL
  const root = tracer.startSpan(`execute_flow ${flowId}`, {
    kind,
    startTime: startMs,
    attributes: identity,
  })
  const inRoot = trace.setSpan(context.active(), root)
  let atMs = startMs + 1
  for (const step of stepsOf(index >= slowFrom, noise)) {
    const attributes = {
      ...identity,
      'qflow.step.id': step.id,
      'qflow.step.type': 'task',
      'qflow.step.action': step.call === undefined ? 'cpu' : 'http',
      'qflow.step.phase.work': step.workMs / 1e3,
      'qflow.step.phase.validation': step.validationMs / 1e3,
    }
    const span = tracer.startSpan(
      `execute_step ${step.id}`,
      { kind, startTime: atMs, attributes },
      inRoot,
    )
    const workFromMs = atMs + step.validationMs
    atMs = workFromMs + step.workMs
    if (step.call !== undefined) {
      const inStep = trace.setSpan(context.active(), span)
      const call = tracer.startSpan(
        step.call,
        { kind: SpanKind.CLIENT, startTime: workFromMs },
        inStep,
      )
      call.end(atMs)
    }
    span.end(atMs)
  }
  root.setAttribute('qflow.execution.status', 'completed')
  root.end(atMs + 1)
}

function stepsOf(isSlow: boolean, noise: () => number) {
  const ms = (mean: number) => Math.round(mean * (0.9 + 0.2 * noise()) * 1e3) / 1e3
  return [
    { id: 'validate-order', validationMs: ms(3), workMs: ms(1), call: undefined },
    {
      id: 'charge-card',
      validationMs: ms(1),
      workMs: ms(40) + (isSlow ? ms(40) : 0),
      call: 'POST payments.example',
    },
    { id: 'reserve-stock', validationMs: ms(1), workMs: ms(20), call: 'GET stock.example' },
  ]
}

function jaegerTrace(spans: readonly ReadableSpan[]): object {
  const traceID = spans[0]?.spanContext().traceId ?? ''
  return {
    traceID,
    spans: spans.map((span) => ({
      traceID,
      spanID: span.spanContext().spanId,
      operationName: span.name,
      references:
        span.parentSpanContext === undefined
          ? []
          : [{ refType: 'CHILD_OF', traceID, spanID: span.parentSpanContext.spanId }],
      startTime: Math.round(span.startTime[0] * 1e6 + span.startTime[1] / 1e3),
      duration: Math.round(span.duration[0] * 1e6 + span.duration[1] / 1e3),
      tags: [
        ...Object.entries(span.attributes).map(([key, value]) => ({
          key,
          type: typeof value === 'number' ? 'float64' : 'string',
          value,
        })),
        ...(span.status.code === SpanStatusCode.ERROR
          ? [{ key: 'error', type: 'bool', value: true }]
          : []),
      ],
      logs: [],
      processID: 'p1',
      warnings: null,
    })),
    processes: { p1: { serviceName: 'orders', tags: [] } },
    warnings: null,
  }
}

/** Ids that are the same in every run. */
function countingIds(): { generateTraceId(): string; generateSpanId(): string } {
  let traces = 0
  let spans = 0
  return {
    generateTraceId: () => `a${(++traces).toString(16).padStart(31, '0')}`,
    generateSpanId: () => `b${(++spans).toString(16).padStart(15, '0')}`,
  }
}

/** Numbers in [0, 1), the same in every run. Source: Numerical Recipes' linear congruential generator. */
function noiseFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
