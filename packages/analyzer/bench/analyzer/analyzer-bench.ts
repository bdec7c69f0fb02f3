/**
 * What a span costs on the whole way from OTLP protobuf to findings, against decoding the same bytes alone with
 * protobufjs, whether it costs more with more flows, and what part of it the detection of changes is, which has a bound of
 * its own. `pnpm bench:analyzer`; docs/evidence/analyzer.md explains.
 *
 * 100 executions of ten spans a second, requests of 500 spans. The whole way is decoding, `ingest` and an `advance` every two
 * seconds, as the collector does, which closes executions and tells findings. A report is made on demand: its time is listed
 * apart, a report's, not a span's. Each flow is in its steady state, and the code is warm.
 */
import { createAnalyzer } from '../../src/create-analyzer.ts'
import { TracesDecoder } from '../../src/otlp/traces-decoder.ts'
import { median } from '../../src/stats/median-change.ts'
import { randomStream } from '../../src/stats/random-stream.ts'
import { protobufjsDecoders } from '../protobufjs-decoders.ts'
import { detectionRatio } from './detection-ratio.ts'
import {
  bodiesOf,
  EXECUTIONS_PER_SEC,
  SECOND_NS,
  SPANS_PER_SEC,
  START_UNIX_NS,
} from './shop-bodies.ts'
import { StageTimes } from './stage-times.ts'

const isQuick = process.argv.includes('--quick')
/** Long enough that collections of garbage come in each, and that the clock of CPU time is exact. */
const SECONDS_PER_ROUND = isQuick ? 2 : 10
const MEASURED_ROUNDS = isQuick ? 2 : 20
/** With fewer executions of a flow, every one is re-simulated. */
const STEADY_COUNT = isQuick ? 20 : 1_100
/** Past the minute for which what closed is held. */
const MIN_WARM_UP_ROUNDS = isQuick ? 1 : 7
const DETECTION_SECONDS = isQuick ? 5 : 200
const ADVANCE_EVERY_SECONDS = 2
const FLOW_COUNTS = [1, 10, 100]
const BOUNDS = { speedupRatio: 2.5, scaleRatio: 1.5, detectionRatio: 0.6 }

const PEERS = ['protobufjs, reflection', 'protobufjs, static']
const PLAIN_PEERS = ['reflection, plain bytes', 'static, plain bytes']
const WAY = ['decode', 'ingest', 'advance']
const protobufjs = await protobufjsDecoders()

function measure(flowCount: number, enableDetection: boolean): StageTimes {
  const analyzer = createAnalyzer({ enableDetection })
  const decoder = new TracesDecoder()
  const times = new StageTimes()
  const random = randomStream(1)
  const warmUpRounds = warmUpRoundsOf(flowCount)
  for (let round = 0; round < warmUpRounds + MEASURED_ROUNDS; round += 1) {
    const seconds = Array.from({ length: SECONDS_PER_ROUND }, (_, at) => {
      const second = round * SECONDS_PER_ROUND + at
      return { second, bodies: bodiesOf(second, flowCount, random) }
    })
    for (const { second, bodies } of seconds) {
      const nowUnixNs = START_UNIX_NS + BigInt(second + 1) * SECOND_NS
      for (const body of bodies) {
        const { spans } = times.run('decode', () => decoder.batch(body))
        times.run('ingest', () => analyzer.ingest(spans, { nowUnixNs }))
      }
      if (second % ADVANCE_EVERY_SECONDS === 0)
        times.run('advance', () => analyzer.advance(nowUnixNs))
    }
    times.run('report', () => analyzer.report())
    if (round >= warmUpRounds - MIN_WARM_UP_ROUNDS)
      measurePeers(
        times,
        seconds.flatMap(({ bodies }) => bodies),
      )
    times.endRound(round >= warmUpRounds)
  }
  return times
}

/** The bytes that went the whole way before. */
function measurePeers(times: StageTimes, bodies: readonly Buffer[]): void {
  const plain = bodies.map((body) => Uint8Array.from(body))
  for (const [form, decode] of Object.entries(protobufjs)) {
    for (const body of bodies) times.run(`protobufjs, ${form}`, () => decode(body))
    for (const body of plain) times.run(`${form}, plain bytes`, () => decode(body))
  }
}

function warmUpRoundsOf(flowCount: number): number {
  const seconds = (STEADY_COUNT * flowCount) / EXECUTIONS_PER_SEC
  return Math.max(MIN_WARM_UP_ROUNDS, Math.ceil(seconds / SECONDS_PER_ROUND))
}

function print(title: string, times: StageTimes): void {
  const rounds = `${MEASURED_ROUNDS} rounds of ${SECONDS_PER_ROUND} s`
  console.log(`${title}, median of ${rounds}, µs of CPU a span`)
  for (const stage of [...PEERS, ...PLAIN_PEERS, ...WAY]) printLine(stage, times.of(stage))
  printLine('whole way', times.of(...WAY))
  const reportMs = median(times.of('report')) / 1e3
  console.log(`  a report, on demand: ${reportMs.toFixed(1)} ms of CPU`)
}

function printLine(name: string, values: readonly number[]): void {
  const micros = median(values) / (SECONDS_PER_ROUND * SPANS_PER_SEC)
  const perSec = Math.round(1e6 / micros).toLocaleString('en')
  console.log(`  ${name.padEnd(26)}${micros.toFixed(2).padStart(8)}${perSec.padStart(14)} spans/s`)
}

/** Against the better of both forms; medians of the ratios within a round. */
function speedupOf(times: StageTimes): number {
  const whole = times.of(...WAY)
  const ratios = PEERS.map((peer) =>
    median(times.of(peer).map((micros, round) => micros / (whole[round] ?? Number.NaN))),
  )
  return Math.min(...ratios)
}

function judge(runs: readonly StageTimes[], detecting: readonly StageTimes[]): void {
  const verdict = (isWithin: boolean) => (isWithin ? 'holds' : 'BROKEN')
  const isFast = Math.min(...runs.map(speedupOf)) >= BOUNDS.speedupRatio
  console.log(
    `whole way against the better of protobufjs: ${listOf(runs)}; at least ${BOUNDS.speedupRatio}x ${verdict(isFast)}`,
  )
  console.log(`the same with detection of changes: ${listOf(detecting)}`)
  const scaleRatio = scaleOf(runs)
  const isFlat = scaleRatio <= BOUNDS.scaleRatio
  console.log(
    `${FLOW_COUNTS.join(', ')} flows cost within ${scaleRatio.toFixed(2)}x; at most ${BOUNDS.scaleRatio}x ${verdict(isFlat)}`,
  )
  console.log(`the same with detection of changes: ${scaleOf(detecting).toFixed(2)}x`)
  const ratio = detectionRatio(warmUpRoundsOf(1) * SECONDS_PER_ROUND, DETECTION_SECONDS)
  const isCheap = ratio >= BOUNDS.detectionRatio
  const share = `ingest and advance with detection run at ${ratio.toFixed(2)}x of the rate without`
  console.log(`${share}; at least ${BOUNDS.detectionRatio}x ${verdict(isCheap)}`)
  if (!isQuick && !(isFast && isFlat && isCheap)) process.exitCode = 1
}

function listOf(runs: readonly StageTimes[]): string {
  return runs.map((times) => `${speedupOf(times).toFixed(2)}x`).join(', ')
}

/** What a span costs at most, against at least, over the numbers of flows. */
function scaleOf(runs: readonly StageTimes[]): number {
  const wholes = runs.map((times) => median(times.of(...WAY)))
  return Math.max(...wholes) / Math.min(...wholes)
}

function run(enableDetection: boolean): readonly StageTimes[] {
  return FLOW_COUNTS.map((flowCount) => {
    const times = measure(flowCount, enableDetection)
    const detection = enableDetection ? 'with' : 'without'
    print(`${flowCount} flows, ${detection} detection of changes`, times)
    return times
  })
}

judge(run(false), run(true))
