import { context, ROOT_CONTEXT, type Span, type Tracer, trace } from '@opentelemetry/api'
import { BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { QflowProfiler } from './profiler.ts'

/**
 * What a span costs its host with the profiler and without, in interleaved rounds of one process; the median of the
 * ratios of neighbouring rounds is what to compare. Run: npx tsx packages/profiler/src/on-end.bench.ts
 */
const EXECUTIONS_PER_ROUND = 400
const STEPS_PER_EXECUTION = 9
const SPANS_PER_ROUND = EXECUTIONS_PER_ROUND * (STEPS_PER_EXECUTION + 1)
const WARM_UP_ROUND_COUNT = 10
const ROUND_COUNT = 40

const nothing: SpanProcessor = {
  onStart: () => undefined,
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
}

const profiler = new QflowProfiler()
const bare = tracerWith([nothing])
const profiled = tracerWith([nothing, profiler])

const bareNs: number[] = []
const profiledNs: number[] = []
const analysisNs: number[] = []
for (let round = 0; round < WARM_UP_ROUND_COUNT + ROUND_COUNT; round += 1) {
  const without = nsPerSpan(() => runExecutions(bare, round))
  const withProfiler = nsPerSpan(() => runExecutions(profiled, round))
  const analysis = nsPerSpan(() => void profiler.forceFlush())
  if (round < WARM_UP_ROUND_COUNT) continue
  bareNs.push(without)
  profiledNs.push(withProfiler)
  analysisNs.push(analysis)
}
const { droppedSpans } = profiler.losses()
await profiler.shutdown()

const ratios = profiledNs.map((ns, index) => ns / (bareNs[index] ?? Number.NaN))
print('span with 10 attributes, no profiler', bareNs)
print('the same, kept by the profiler (in the step)', profiledNs)
print('its analysis (later, in slices)', analysisNs)
console.log(`ratio in the step, median of ${ROUND_COUNT} pairs: ${median(ratios).toFixed(3)}`)
console.log(`not analysed: ${JSON.stringify(droppedSpans)}`)

function tracerWith(spanProcessors: SpanProcessor[]): Tracer {
  return new BasicTracerProvider({ spanProcessors }).getTracer('bench')
}

function runExecutions(tracer: Tracer, round: number): void {
  for (let index = 0; index < EXECUTIONS_PER_ROUND; index += 1) {
    const executionId = `e${round}-${index}`
    const root = startSpan(tracer, 'execute_flow bench', executionId)
    const inRoot = trace.setSpan(ROOT_CONTEXT, root)
    for (let step = 0; step < STEPS_PER_EXECUTION; step += 1) {
      context.with(inRoot, () => startSpan(tracer, 'execute_step s', executionId, inRoot).end())
    }
    root.end()
  }
}

/** As many attributes as a healthy step has, set one by one as the instrumentation does. */
function startSpan(tracer: Tracer, name: string, executionId: string, parent = ROOT_CONTEXT): Span {
  const span = tracer.startSpan(name, {}, parent)
  span.setAttribute('qflow.flow.id', 'bench')
  span.setAttribute('qflow.flow.version', '1.0.0')
  span.setAttribute('qflow.execution.id', executionId)
  span.setAttribute('qflow.step.id', 's')
  span.setAttribute('qflow.step.type', 'task')
  span.setAttribute('qflow.step.action', 'qflow.action.http')
  span.setAttribute('qflow.step.attempt_count', 1)
  span.setAttribute('qflow.step.phase.work', 0.000_01)
  span.setAttribute('qflow.step.phase.ledger', 0.000_001)
  span.setAttribute('qflow.step.phase.engine', 0.000_001)
  return span
}

function nsPerSpan(run: () => void): number {
  const startNs = process.hrtime.bigint()
  run()
  return Number(process.hrtime.bigint() - startNs) / SPANS_PER_ROUND
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function print(name: string, ns: readonly number[]): void {
  console.log(`${name.padEnd(48)}${median(ns).toFixed(0)} ns`)
}
