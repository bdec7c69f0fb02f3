import './whole-origin.ts'
import type { QflowInstance } from '@anarq/qflow'
import type { Tracer } from '@opentelemetry/api'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { BasicTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { Assembler, decodeTracesProtobuf, type Execution } from '@qflow-otel/analyzer'
import { instrumentQflow } from '@qflow-otel/instrumentation'

/** Spans in one request. */
const BATCH_COUNT = 512

/** What instrumented engines and the user's own code told OpenTelemetry. */
export interface Recording {
  /** For the user's own spans. */
  readonly tracer: Tracer
  /** Instruments one more engine; the result undoes it. */
  readonly attach: (qflow: QflowInstance) => () => void
  /** The executions as they come out of the decoder. */
  readonly executions: () => readonly Execution[]
}

export function createRecording(): Recording {
  const spans: ReadableSpan[] = []
  const keep = {
    onStart: () => {},
    onEnd: (span: ReadableSpan) => void spans.push(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [keep],
    idGenerator: countingIds(),
  })
  return {
    tracer: tracerProvider.getTracer('truth'),
    attach(qflow) {
      const { executionEngine, services, webhookService } = qflow
      const handle = instrumentQflow(
        {
          executionEngine,
          executionLedger: services.ledger,
          universalValidationPipeline: services.pipeline,
          daoSubnetService: services.dao,
          resourceBillingService: services.billing,
          webhookService,
        },
        { tracerProvider },
      )
      return () => handle.disable()
    },
    executions: () => throughOtlp(spans),
  }
}

/** As bytes, the way an exporter sends them. */
function throughOtlp(spans: readonly ReadableSpan[]): readonly Execution[] {
  const assembler = new Assembler()
  for (let from = 0; from < spans.length; from += BATCH_COUNT) {
    const bytes = ProtobufTraceSerializer.serializeRequest(spans.slice(from, from + BATCH_COUNT))
    if (bytes === undefined) throw new Error('the serializer gave no bytes')
    assembler.add(decodeTracesProtobuf(bytes).spans, { nowUnixNs: 0n })
  }
  return assembler.close(0n).map(({ execution }) => execution)
}

/** Two runs of one workload give equal bytes. */
function countingIds() {
  let last = 0
  const next = (digits: number) => (++last).toString(16).padStart(digits, '0')
  return { generateTraceId: () => next(32), generateSpanId: () => next(16) }
}
