/**
 * What a span costs on the whole way from OTLP protobuf to findings, against decoding the same bytes alone with
 * protobufjs, whether it costs more with more flows, and what part of it detection is. `pnpm bench:analyzer`;
 * docs/evidence/analyzer.md explains.
 *
 * 100 executions of ten spans a second, requests of 500 spans, an `advance` each second and a report every tenth. Each
 * flow is in its steady state: a thousand executions are known. CPU is that of all threads, garbage collection included.
 */
import { createAnalyzer } from './create-analyzer.ts'
import { decodeTraceMessage } from './otlp/otlp-proto.ts'
import { TracesDecoder } from './otlp/traces-decoder.ts'
import { simulatedBody } from './simulated-body.ts'
import { shopExecution } from './simulated-shop.ts'
import { median } from './stats/median-change.ts'
import { randomStream } from './stats/random-stream.ts'

const EXECUTIONS_PER_BODY = 50
const BODIES_PER_SECOND = 2
const REPORT_EVERY_SECONDS = 10
const START_UNIX_NS = 1_700_000_000_000_000_000n
const SECOND_NS = 1_000_000_000n
/** With fewer executions of a flow, every one is re-simulated. */
const STEADY_COUNT = 1_100
/** Rounds of a second each; their medians are compared. */
const MEASURED_SECONDS = 60
const FLOW_COUNTS = [1, 10, 100]
const BOUNDS = { speedupRatio: 2.5, scaleRatio: 1.5, detectionRatio: 0.6 }

const isQuick = process.argv.includes('--quick')
const measuredSeconds = isQuick ? 5 : MEASURED_SECONDS
const steadyCount = isQuick ? 20 : STEADY_COUNT

/** µs of CPU per span, a figure a second. */
interface Measured {
  readonly flowCount: number
  readonly stages: ReadonlyMap<string, number[]>
}

function measure(flowCount: number): Measured {
  const analyzer = createAnalyzer()
  const decoder = new TracesDecoder()
  const stages = new Map<string, number[]>()
  const random = randomStream(1)
  const warmUpSeconds = warmUpSecondsOf(flowCount)
  for (let second = 0; second < warmUpSeconds + measuredSeconds; second += 1) {
    const timer = new Stopwatch()
    const nowUnixNs = START_UNIX_NS + BigInt(second + 1) * SECOND_NS
    for (let at = 0; at < BODIES_PER_SECOND; at += 1) {
      const body = bodyOf(second * BODIES_PER_SECOND + at, flowCount, random)
      if (second >= warmUpSeconds) timer.run('protobufjs', () => decodeTraceMessage(body))
      const { spans } = timer.run('decode', () => decoder.protobuf(body))
      timer.spanCount += spans.length
      timer.run('ingest', () => analyzer.ingest(spans, { nowUnixNs }))
    }
    timer.run('advance', () => analyzer.advance(nowUnixNs))
    if (second % REPORT_EVERY_SECONDS === 0) timer.run('report', () => analyzer.report())
    if (second >= warmUpSeconds) timer.addTo(stages)
  }
  return { flowCount, stages }
}

/**
 * Spans to findings in memory with detection, as a share of the rate without: the same spans through both, second by second and
 * in turn, so that whatever else the machine does slows both.
 */
function detectionRatio(flowCount: number): number {
  const [on, off] = [true, false].map((enableDetection) => createAnalyzer({ enableDetection }))
  const decoder = new TracesDecoder()
  const random = randomStream(1)
  const warmUpSeconds = warmUpSecondsOf(flowCount)
  const ratios: number[] = []
  for (let second = 0; second < warmUpSeconds + measuredSeconds; second += 1) {
    const nowUnixNs = START_UNIX_NS + BigInt(second + 1) * SECOND_NS
    const bodies = Array.from({ length: BODIES_PER_SECOND }, (_, at) =>
      bodyOf(second * BODIES_PER_SECOND + at, flowCount, random),
    )
    const microsOf = (analyzer: typeof on) => {
      const batches = bodies.map((body) => decoder.protobuf(body).spans)
      const before = process.cpuUsage()
      for (const spans of batches) analyzer?.ingest(spans, { nowUnixNs })
      analyzer?.advance(nowUnixNs)
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    const isOnFirst = second % 2 === 0
    const first = microsOf(isOnFirst ? on : off)
    const then = microsOf(isOnFirst ? off : on)
    if (second >= warmUpSeconds) ratios.push(isOnFirst ? then / first : first / then)
  }
  return median(ratios)
}

function bodyOf(index: number, flowCount: number, random: () => number): Uint8Array {
  const bodyNs = SECOND_NS / BigInt(BODIES_PER_SECOND)
  const spans = Array.from({ length: EXECUTIONS_PER_BODY }, (_, at) => {
    const execution = index * EXECUTIONS_PER_BODY + at
    const flowId = `order-${execution % flowCount}`
    const startUnixNs = START_UNIX_NS + BigInt(index) * bodyNs + BigInt(at) * 8_000_000n
    return shopExecution(random, { index: execution, flowId, startUnixNs })
  })
  return simulatedBody(spans.flat())
}

function warmUpSecondsOf(flowCount: number): number {
  return Math.ceil((steadyCount * flowCount) / (EXECUTIONS_PER_BODY * BODIES_PER_SECOND))
}

/** CPU by stage over one second of simulated time. */
class Stopwatch {
  spanCount = 0
  readonly #micros = new Map<string, number>()

  run<T>(stage: string, work: () => T): T {
    const before = process.cpuUsage()
    const result = work()
    const { user, system } = process.cpuUsage(before)
    this.#micros.set(stage, (this.#micros.get(stage) ?? 0) + user + system)
    return result
  }

  addTo(stages: Map<string, number[]>): void {
    let wholeMicros = 0
    for (const [stage, micros] of this.#micros) {
      if (stage !== 'protobufjs') wholeMicros += micros
      append(stages, stage, micros / this.spanCount)
    }
    append(stages, 'whole way', wholeMicros / this.spanCount)
  }
}

function append(stages: Map<string, number[]>, stage: string, value: number): void {
  const list = stages.get(stage) ?? []
  stages.set(stage, list)
  list.push(value)
}

function print({ flowCount, stages }: Measured): void {
  console.log(`${flowCount} flows, median of ${measuredSeconds} rounds, µs of CPU a span`)
  for (const [stage, values] of stages) {
    const micros = median(values)
    const perSec = Math.round(1e6 / micros).toLocaleString('en')
    console.log(
      `  ${stage.padEnd(12)}${micros.toFixed(2).padStart(8)}${perSec.padStart(14)} spans/s`,
    )
  }
}

function judge(measured: readonly Measured[]): void {
  const wholeMicros = (run: Measured | undefined) => median(run?.stages.get('whole way') ?? [])
  const speedups = measured.map((run) => {
    const peer = run.stages.get('protobufjs') ?? []
    const whole = run.stages.get('whole way') ?? []
    return median(peer.map((micros, round) => micros / (whole[round] ?? Number.NaN)))
  })
  const slowest = Math.max(...measured.map(wholeMicros))
  const scaleRatio = slowest / Math.min(...measured.map(wholeMicros))
  const verdict = (isWithin: boolean) => (isWithin ? 'holds' : 'BROKEN')
  const speedupRatio = Math.min(...speedups)
  const isFast = speedupRatio >= BOUNDS.speedupRatio
  const isFlat = scaleRatio <= BOUNDS.scaleRatio
  console.log(
    `whole way against protobufjs: ${speedups.map((ratio) => `${ratio.toFixed(2)}x`).join(', ')}; at least ${BOUNDS.speedupRatio}x ${verdict(isFast)}`,
  )
  console.log(
    `${FLOW_COUNTS.join(', ')} flows cost within ${scaleRatio.toFixed(2)}x; at most ${BOUNDS.scaleRatio}x ${verdict(isFlat)}`,
  )
  const ratio = detectionRatio(1)
  const isCheap = ratio >= BOUNDS.detectionRatio
  console.log(
    `ingest and advance with detection run at ${ratio.toFixed(2)}x of the rate without; at least ${BOUNDS.detectionRatio}x ${verdict(isCheap)}`,
  )
  if (!isQuick && !(isFast && isFlat && isCheap)) process.exitCode = 1
}

const runs = FLOW_COUNTS.map(measure)
for (const run of runs) print(run)
judge(runs)
