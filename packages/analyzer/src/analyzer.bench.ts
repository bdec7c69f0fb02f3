/**
 * What a span costs from bytes to findings: `npx tsx packages/analyzer/src/analyzer.bench.ts [executions]`.
 *
 * 100 executions of 10 spans a second, a batch and an `advance` each second, a report every tenth. The ratio is to
 * protobufjs decoding the same bytes, which depends on the machine as everything here does. CPU is that of all
 * threads, the garbage collector's included; tsx itself costs a tenth by naming closures.
 */
import { createAnalyzer } from './create-analyzer.ts'
import { decodeTraceMessage, encodeRequest } from './otlp/otlp-proto.ts'
import type { SpanRecord } from './otlp/span-record.ts'
import { decodeTracesProtobuf } from './otlp/traces-decoder.ts'
import { type SimulatedStep, simulatedSpans } from './simulated-spans.ts'
import { normal, type RandomStream, randomStream } from './stats/random-stream.ts'

const EXECUTIONS_PER_BATCH = 100
const START_UNIX_NS = 1_700_000_000_000_000_000n
const SECOND_NS = 1_000_000_000n
const REPORT_EVERY_BATCHES = 10

const executionCount = Number(process.argv[2] ?? 20_000)
const batchCount = Math.ceil(executionCount / EXECUTIONS_PER_BATCH)
const cpuMs = new Map<string, number>()
const spentMs = new Map<string, number>()
const longestMs = new Map<string, number>()
const random = randomStream(1)
const analyzer = createAnalyzer()
let spanCount = 0
let findingCount = 0

for (let batch = 0; batch < batchCount; batch += 1) {
  const nowUnixNs = START_UNIX_NS + BigInt(batch + 1) * SECOND_NS
  const bytes = batchBytes(batch)
  timed('protobufjs', () => decodeTraceMessage(bytes))
  const { spans } = timed('decode', () => decodeTracesProtobuf(bytes))
  spanCount += spans.length
  timed('ingest', () => analyzer.ingest(spans, { nowUnixNs }))
  findingCount += timed('advance', () => analyzer.advance(nowUnixNs)).length
  if (batch % REPORT_EVERY_BATCHES === 0) timed('report', () => analyzer.report())
}
print()

function batchBytes(batch: number): Uint8Array {
  const spans = Array.from({ length: EXECUTIONS_PER_BATCH }, (_, at) =>
    simulatedSpans({
      index: batch * EXECUTIONS_PER_BATCH + at,
      startUnixNs: START_UNIX_NS + BigInt(batch) * SECOND_NS + BigInt(at) * 8_000_000n,
      steps: steps(random),
    }),
  ).flat()
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }
  return encodeRequest('Trace', {
    resourceSpans: [{ resource, scopeSpans: [{ spans: spans.map(encodable) }] }],
  })
}

/** Five steps, four of them with a call to somebody else. */
function steps(stream: RandomStream): SimulatedStep[] {
  return ['validate', 'reserve', 'charge', 'pack', 'notify'].map((id, at) => {
    const workMs = 20 * Math.exp(0.2 * normal(stream))
    const callMs = 0.8 * workMs
    const seconds = (ms: number) => ms / 1e3
    return {
      id,
      durationMs: workMs + 3,
      attributes: {
        'qflow.step.phase.work': seconds(workMs),
        'qflow.step.phase.validation': seconds(1),
        'qflow.step.phase.ledger': seconds(1),
        'qflow.step.phase.engine': seconds(1),
        'qflow.step.cpu.time': seconds(0.2),
        'qflow.step.resource.attribution': 'exclusive',
      },
      ...(at > 0 && { child: { name: 'POST', durationMs: callMs, kind: 'client' as const } }),
    }
  })
}

/** Not that of the tests, whose generators watch every Map of the process and so slow it down. */
function hexToBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}

function encodable(span: SpanRecord): object {
  return {
    traceId: hexToBase64(span.traceId),
    spanId: hexToBase64(span.spanId),
    parentSpanId: hexToBase64(span.parentSpanId ?? ''),
    name: span.name,
    kind: span.kind === 'client' ? 3 : 1,
    startTimeUnixNano: String(span.startUnixNs),
    endTimeUnixNano: String(span.endUnixNs),
    attributes: [...span.attributes].map(([key, value]) => ({
      key,
      value: typeof value === 'number' ? { doubleValue: value } : { stringValue: String(value) },
    })),
  }
}

function timed<T>(stage: string, work: () => T): T {
  const before = performance.now()
  const cpuBefore = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(cpuBefore)
  const ms = performance.now() - before
  cpuMs.set(stage, (cpuMs.get(stage) ?? 0) + (user + system) / 1e3)
  spentMs.set(stage, (spentMs.get(stage) ?? 0) + ms)
  longestMs.set(stage, Math.max(longestMs.get(stage) ?? 0, ms))
  return result
}

function print(): void {
  const peerMs = spentMs.get('protobufjs') ?? 0
  const ownOf = (times: ReadonlyMap<string, number>) =>
    [...times].reduce((sum, [stage, ms]) => (stage === 'protobufjs' ? sum : sum + ms), 0)
  const totalMs = ownOf(spentMs)
  cpuMs.set('together', ownOf(cpuMs))
  const line = (stage: string, ms: number) => {
    const longest = longestMs.get(stage)
    return [
      stage.padEnd(12),
      `${(((cpuMs.get(stage) ?? 0) * 1e3) / spanCount).toFixed(2)} µs CPU/span`.padStart(20),
      `${((ms * 1e3) / spanCount).toFixed(2)} µs/span`.padStart(16),
      `${Math.round((spanCount / ms) * 1e3).toLocaleString('en')} spans/s`.padStart(20),
      `x${(ms / peerMs).toFixed(2)}`.padStart(8),
      longest === undefined ? '' : `longest ${longest.toFixed(1)} ms`.padStart(18),
    ].join('')
  }
  console.log(`${executionCount} executions, ${spanCount} spans, ${findingCount} changes told`)
  for (const [stage, ms] of [...spentMs, ['together', totalMs] as const])
    console.log(line(stage, ms))
  const { rss, heapUsed } = process.memoryUsage()
  console.log(`RSS ${Math.round(rss / 2 ** 20)} MiB, heap ${Math.round(heapUsed / 2 ** 20)} MiB`)
}
