import type { AnalyzerChange, AnalyzerSnapshot } from '../../packages/analyzer/src/analyzer.ts'
import { createAnalyzer } from '../../packages/analyzer/src/create-analyzer.ts'
import type { SpanRecord } from '../../packages/analyzer/src/otlp/span-record.ts'
import { plain } from '../../packages/analyzer/src/plain.ts'
import { simulatedSpans } from '../../packages/analyzer/src/simulated-spans.ts'
import {
  normal,
  type RandomStream,
  randomStream,
} from '../../packages/analyzer/src/stats/random-stream.ts'
import { figure } from './report.ts'
import type { Section, SectionResult, StudyOptions, StudyTable } from './section.ts'

const START_UNIX_NS = 1_700_000_000_000_000_000n
const SECOND_NS = 1_000_000_000n
/** After the last execution, for what is late and for traffic that stops. */
const QUIET_SECONDS = 300
const EXECUTION_COUNT = 500
/** Bytes of JSON: what a snapshot writes of a series besides its sketches. */
const MAX_SERIES_BYTES = 1_024

/** What detection keeps, and that nothing but the executions decides what it says. */
export const cost: Section = {
  name: 'cost',
  run: ({ isQuick, seed }: StudyOptions): SectionResult => {
    const storyCount = isQuick ? 3 : 12
    const stories = Array.from({ length: storyCount }, (_, index) => storyOf(seed + 31 * index))
    const told = stories.map((story) => ({ story, plainly: tell(story, everySecond) }))
    const states = told.map(({ plainly }) => plainly.snapshot)
    const series = states.flatMap(seriesOf)
    return {
      method: `${storyCount} stories of ${EXECUTION_COUNT} executions of a flow of six steps, one a second: a step becomes slower, another fails, single executions take ten times as long, and in the end none comes. Spans go through the whole analyzer. Bytes are those of a snapshot's JSON.`,
      tables: [sizes(series)],
      claims: [
        {
          sentence:
            'largest state of a flow-step-metric in bytes, apart from the sketches of its values (histogram and the regions drawn from it)',
          measured: Math.max(...series.map(({ bytes }) => bytes)),
          bound: MAX_SERIES_BYTES,
          side: 'at most',
        },
        {
          sentence: 'findings in a story, so that there is something to differ',
          measured: Math.min(...told.map(({ plainly }) => plainly.told.length)),
          bound: 4,
          side: 'at least',
        },
        {
          sentence: 'stories told otherwise when spans and clock come in other batches',
          measured: told.filter(({ story, plainly }) => isOtherInBatches(story, plainly)).length,
          bound: 0,
          side: 'at most',
        },
        {
          sentence: 'stories told otherwise when a snapshot is taken and restored on the way',
          measured: told.filter(({ story, plainly }) => isOtherRestored(story, plainly)).length,
          bound: 0,
          side: 'at most',
        },
        {
          sentence: 'snapshots that are not byte for byte what a restored analyzer writes again',
          measured: states.filter((state) => text(state) !== text(restored(state))).length,
          bound: 0,
          side: 'at most',
        },
        {
          sentence: 'series beyond the cap of a flow of 200 steps that are counted',
          measured: refusedCount(seed),
          bound: 1,
          side: 'at least',
        },
      ],
    }
  },
}

interface Story {
  readonly seed: number
  /** Of each execution, in order of ends. */
  readonly executions: readonly (readonly SpanRecord[])[]
}

interface Told {
  readonly told: readonly string[]
  readonly snapshot: AnalyzerSnapshot
}

function storyOf(seed: number): Story {
  const random = randomStream(seed)
  const slowFrom = 150 + Math.floor(50 * random())
  const failFrom = 280 + Math.floor(50 * random())
  const executions = Array.from({ length: EXECUTION_COUNT }, (_, index) => {
    const isOutlier = index % 97 === 96
    const isFailed = index >= failFrom && index < failFrom + 100 && random() < 0.5
    const steps = Array.from({ length: 6 }, (_, at) => {
      const factor = (at === 2 && index >= slowFrom ? 2 : 1) * (isOutlier && at === 4 ? 10 : 1)
      return stepOf(random, `step-${at}`, { factor, isFailed: isFailed && at === 3 })
    })
    const status = isFailed ? 'failed' : 'completed'
    return simulatedSpans({ index, startUnixNs: at(index), steps, status })
  })
  return { seed, executions }
}

function stepOf(
  random: RandomStream,
  id: string,
  { factor, isFailed }: { factor: number; isFailed: boolean },
) {
  const workMs = 20 * factor * Math.exp(0.2 * normal(random))
  return {
    id,
    durationMs: workMs + 2,
    attributes: {
      'qflow.step.phase.work': workMs / 1e3,
      'qflow.step.phase.validation': 0.001,
      'qflow.step.phase.engine': 0.001,
      'qflow.step.cpu.time': (0.5 * workMs) / 1e3,
      'qflow.step.memory.heap_growth': Math.round(1e6 * (1 + random())),
      'qflow.step.resource.attribution': 'exclusive',
      ...(isFailed && { 'error.type': 'Timeout' }),
    },
  }
}

/** In which batches executions come, and after which of them the clock is told and a snapshot is taken. */
interface Delivery {
  readonly sizeOf: (random: RandomStream) => number
  readonly isToldAfter: (random: RandomStream) => boolean
  readonly isRestoredAfter: (random: RandomStream) => boolean
}

const everySecond: Delivery = {
  sizeOf: () => 1,
  isToldAfter: () => true,
  isRestoredAfter: () => false,
}
const anyhow: Delivery = {
  sizeOf: (random) => 1 + Math.floor(40 * random()),
  isToldAfter: (random) => random() < 0.5,
  isRestoredAfter: () => false,
}
const interrupted: Delivery = {
  sizeOf: () => 10,
  isToldAfter: () => true,
  isRestoredAfter: (random) => random() < 0.1,
}

function tell({ seed, executions }: Story, delivery: Delivery): Told {
  const random = randomStream(seed + 7)
  let analyzer = createAnalyzer()
  const told: AnalyzerChange[] = []
  for (let next = 0; next < executions.length; ) {
    const size = delivery.sizeOf(random)
    const batch = executions.slice(next, next + size)
    next += size
    const nowUnixNs = at(Math.min(next, executions.length)) + SECOND_NS
    analyzer.ingest(batch.flat(), { nowUnixNs })
    if (!delivery.isToldAfter(random)) continue
    told.push(...analyzer.advance(nowUnixNs))
    if (delivery.isRestoredAfter(random)) analyzer = createAnalyzer({}, copy(analyzer.snapshot()))
  }
  for (let second = 1; second <= QUIET_SECONDS; second += delivery.sizeOf(random))
    told.push(...analyzer.advance(at(executions.length + second)))
  told.push(...analyzer.advance(at(executions.length + QUIET_SECONDS)))
  return { told: told.map((one) => JSON.stringify(plain(one))), snapshot: analyzer.snapshot() }
}

function isOtherInBatches(story: Story, { told }: Told): boolean {
  return tell(story, anyhow).told.join('\n') !== told.join('\n')
}

function isOtherRestored(story: Story, { told }: Told): boolean {
  return tell(story, interrupted).told.join('\n') !== told.join('\n')
}

function restored(snapshot: AnalyzerSnapshot): AnalyzerSnapshot {
  return createAnalyzer({}, copy(snapshot)).snapshot()
}

interface SeriesSize {
  readonly metric: string
  /** Without the sketches of its values. */
  readonly bytes: number
  readonly wholeBytes: number
}

/** Every series in the snapshot of one flow. */
function seriesOf(snapshot: AnalyzerSnapshot): SeriesSize[] {
  // Our own shape, of which only these members are read.
  const flows = snapshot.flows as readonly {
    readonly watch: {
      readonly detector: { readonly series: readonly { readonly place?: { metric: string } }[] }
    }
    readonly anomalies: { readonly series: unknown }
  }[]
  return flows.flatMap(({ watch, anomalies }) => [
    ...watch.detector.series.map((one) => ({
      metric: one.place?.metric ?? 'duration',
      bytes: bytesWithoutSketches(one),
      wholeBytes: JSON.stringify(one).length,
    })),
    {
      metric: 'single executions',
      bytes: bytesWithoutSketches(anomalies.series),
      wholeBytes: JSON.stringify(anomalies.series).length,
    },
  ])
}

/** A sketch of the values: a quantile sketch, a histogram, or the regions that were drawn from it. */
function isSketch(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return '$sketch' in value || 'firstKey' in value || 'borders' in value
}

function bytesWithoutSketches(state: unknown): number {
  return JSON.stringify(state, (_, value) => (isSketch(value) ? undefined : value)).length
}

function sizes(series: readonly SeriesSize[]): StudyTable {
  const metrics = [...new Set(series.map(({ metric }) => metric))]
  return {
    title: 'State of a series in bytes, without its sketches and with them:',
    head: ['metric', 'series of a flow', 'mean', 'largest', 'largest with sketches'],
    rows: metrics.map((metric) => {
      const own = series.filter((one) => one.metric === metric)
      const flowCount = series.filter((one) => one.metric === 'duration').length
      const mean = own.reduce((sum, { bytes }) => sum + bytes, 0) / own.length
      const largest = Math.max(...own.map(({ bytes }) => bytes))
      const whole = Math.max(...own.map(({ wholeBytes }) => wholeBytes))
      return [metric, ...[own.length / flowCount, mean, largest, whole].map(figure)]
    }),
  }
}

/** A flow of far more steps than series are kept for. */
function refusedCount(seed: number): number {
  const random = randomStream(seed)
  const analyzer = createAnalyzer()
  for (let index = 0; index < 40; index++) {
    const steps = Array.from({ length: 200 }, (_, step) =>
      stepOf(random, `step-${step}`, { factor: 0.1, isFailed: false }),
    )
    analyzer.ingest(simulatedSpans({ index, startUnixNs: at(10 * index), steps }), {
      nowUnixNs: at(10 * index + 5),
    })
  }
  analyzer.close(at(1_000))
  return analyzer.losses().unjudged?.['watched_series_limit'] ?? 0
}

function at(second: number): bigint {
  return START_UNIX_NS + BigInt(second) * SECOND_NS
}

function text(snapshot: AnalyzerSnapshot): string {
  return JSON.stringify(snapshot)
}

function copy(snapshot: AnalyzerSnapshot): AnalyzerSnapshot {
  return JSON.parse(text(snapshot)) as AnalyzerSnapshot
}
