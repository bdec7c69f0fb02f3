import { context, ROOT_CONTEXT, type Span, type Tracer, trace } from '@opentelemetry/api'
import { BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { QflowProfiler } from './profiler.ts'

/**
 * What a span costs its host with the profiler and without: CPU time (GC included, other processes not), in pairs of
 * rounds in one process whose order alternates. The ratio is what to compare; it has a 95 % interval.
 * Measured on a busy machine with 2 cores, Node 20.20, SDK 2.12: medians of 1.05 to 1.08 in five runs.
 * Run: npx tsx packages/profiler/src/on-end.bench.ts
 */
const EXECUTIONS_PER_ROUND = 200
const STEPS_PER_EXECUTION = 9
const SPANS_PER_ROUND = EXECUTIONS_PER_ROUND * (STEPS_PER_EXECUTION + 1)
const WARM_UP_PAIR_COUNT = 30
const PAIR_COUNT = 200

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
for (let pair = 0; pair < WARM_UP_PAIR_COUNT + PAIR_COUNT; pair += 1) {
  const sides = [() => measure(bareNs, bare, pair), () => measure(profiledNs, profiled, pair)]
  for (const side of pair % 2 === 0 ? sides : sides.toReversed()) side()
  analysisNs.push(nsPerSpan(() => void profiler.forceFlush()))
}
const { droppedSpans } = profiler.losses()
await profiler.shutdown()

for (const ns of [bareNs, profiledNs, analysisNs]) ns.splice(0, WARM_UP_PAIR_COUNT)
print('span with 10 attributes, no profiler', bareNs)
print('the same, kept by the profiler (in the step)', profiledNs)
print('its analysis (later, in slices)', analysisNs)
const ratios = profiledNs.map((ns, index) => ns / (bareNs[index] ?? Number.NaN))
const [low, middle, high] = medianInterval(ratios).map((ratio) => ratio.toFixed(3))
console.log(`ratio in the step, median of ${PAIR_COUNT} pairs: ${middle} [${low}, ${high}]`)
console.log(`not analysed: ${JSON.stringify(droppedSpans)}`)

function measure(into: number[], tracer: Tracer, pair: number): void {
  into.push(nsPerSpan(() => runExecutions(tracer, pair)))
}

function tracerWith(spanProcessors: SpanProcessor[]): Tracer {
  return new BasicTracerProvider({ spanProcessors }).getTracer('bench')
}

function runExecutions(tracer: Tracer, pair: number): void {
  for (let index = 0; index < EXECUTIONS_PER_ROUND; index += 1) {
    const executionId = `e${pair}-${index}`
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
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1_000) / SPANS_PER_ROUND
}

/** By order statistics: the ranks between which the median lies with 95 % confidence. */
function medianInterval(values: readonly number[]): [number, number, number] {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  const reach = 0.98 * Math.sqrt(sorted.length)
  const at = (rank: number) => sorted[Math.round(rank)] ?? Number.NaN
  return [at(half - reach), at(half), at(half + reach)]
}

function print(name: string, ns: readonly number[]): void {
  console.log(`${name.padEnd(48)}${medianInterval(ns)[1].toFixed(0)} ns`)
}
