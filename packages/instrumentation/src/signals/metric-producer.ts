import type { Attributes, HrTime, ValueType } from '@opentelemetry/api'
import { METRIC_QFLOW_STEP_DURATION } from '@qflow-otel/semconv'
import { nowNs, toHrTime } from '../clock.ts'
import { INSTRUMENTATION_NAME, INSTRUMENTATION_VERSION, scopeOptions } from '../scope.ts'
import { describeMetric, stepBuckets } from './metric-descriptions.ts'

/** The SDK's numbers for what a collection holds, the same on its 2.x and 3.x lines. Source: its `MetricData`, `AggregationTemporality`. */
const HISTOGRAM = 0
const TEMPORALITY = { delta: 0, cumulative: 1 } as const
// An enumeration of the API, of which only the type is needed.
const DOUBLE = 1 as ValueType.DOUBLE

export interface QflowMetricProducerOptions {
  /** That of the exporter behind the reader; `cumulative` by default. With `delta` each reader needs a producer of its own. */
  readonly temporality?: keyof typeof TEMPORALITY
}

/**
 * Sums step durations in the instrumentation and hands them to a metric reader of the SDK: an eighth of what the SDK's own histogram
 * costs, which looks the attributes of a step up each time anew (`pnpm bench:overhead`, docs/adr/0021-own-step-histogram.md).
 * Given to both sides:
 *
 *     const metricProducer = new QflowMetricProducer()
 *     new PeriodicExportingMetricReader({ exporter, metricProducers: [metricProducer] })
 *     new QflowInstrumentation({ metricProducer })
 *
 * A `MetricProducer` of `@opentelemetry/sdk-metrics`. The SDK's views do not see what it hands over.
 */
export class QflowMetricProducer {
  private readonly temporality: keyof typeof TEMPORALITY
  private readonly cells = new Map<Attributes, DurationCell>()
  private readonly listeners = new Set<() => void>()

  constructor({ temporality = 'cumulative' }: QflowMetricProducerOptions = {}) {
    if (!Object.hasOwn(TEMPORALITY, temporality)) {
      throw new TypeError(
        `expected temporality to be cumulative or delta, found ${String(temporality)}`,
      )
    }
    this.temporality = temporality
  }

  /** What was recorded since the start or, with `delta`, since the last call. Durations in seconds. */
  async collect(): Promise<CollectedMetrics> {
    for (const listener of this.listeners) listener()
    const endTime = toHrTime(nowNs())
    const dataPoints = Array.from(this.cells.values(), (cell) => cell.toPoint(endTime))
    if (this.temporality === 'delta') this.cells.clear()
    const metric: CollectedMetric = {
      descriptor: { ...describeMetric(METRIC_QFLOW_STEP_DURATION), valueType: DOUBLE },
      aggregationTemporality: TEMPORALITY[this.temporality],
      dataPointType: HISTOGRAM,
      dataPoints,
    }
    const scope = { name: INSTRUMENTATION_NAME, version: INSTRUMENTATION_VERSION, ...scopeOptions }
    const scopeMetrics = dataPoints.length === 0 ? [] : [{ scope, metrics: [metric] }]
    return { resourceMetrics: { resource: undefined as never, scopeMetrics }, errors: [] }
  }

  /** For the instrumentation. The same object of attributes, not only the same content, makes the same series. */
  record(seconds: number, attributes: Attributes): void {
    let cell = this.cells.get(attributes)
    if (cell === undefined) {
      cell = new DurationCell(attributes)
      this.cells.set(attributes, cell)
    }
    cell.add(seconds)
  }

  /** For the instrumentation: called before each collection. Returns how to take it back. */
  beforeCollect(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

/** Part of the SDK's `CollectionResult`. */
export interface CollectedMetrics {
  readonly resourceMetrics: {
    /** None: a reader takes that of its provider. */
    readonly resource: never
    readonly scopeMetrics: CollectedScope[]
  }
  readonly errors: unknown[]
}

interface CollectedScope {
  readonly scope: { readonly name: string; readonly version: string; readonly schemaUrl: string }
  readonly metrics: CollectedMetric[]
}

interface CollectedMetric {
  readonly descriptor: {
    readonly name: string
    readonly unit: string
    readonly description: string
    readonly valueType: ValueType.DOUBLE
  }
  readonly aggregationTemporality: 0 | 1
  readonly dataPointType: typeof HISTOGRAM
  readonly dataPoints: CollectedPoint[]
}

interface CollectedPoint {
  readonly startTime: HrTime
  readonly endTime: HrTime
  readonly attributes: Attributes
  readonly value: {
    readonly buckets: { readonly boundaries: number[]; readonly counts: number[] }
    readonly sum: number
    readonly count: number
    readonly min: number
    readonly max: number
  }
}

/** One series of the histogram. */
class DurationCell {
  private readonly attributes: Attributes
  private readonly startTime = toHrTime(nowNs())
  private readonly counts: number[] = new Array(stepBuckets.length + 1).fill(0)
  private sum = 0
  private count = 0
  private min = Number.POSITIVE_INFINITY
  private max = Number.NEGATIVE_INFINITY

  constructor(attributes: Attributes) {
    this.attributes = attributes
  }

  add(seconds: number): void {
    this.sum += seconds
    this.count++
    if (seconds < this.min) this.min = seconds
    if (seconds > this.max) this.max = seconds
    // Upper bounds belong to their bucket, as in OTLP.
    let bucket = 0
    while (seconds > (stepBuckets[bucket] ?? Number.POSITIVE_INFINITY)) bucket++
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
  }

  toPoint(endTime: HrTime): CollectedPoint {
    const { startTime, attributes, sum, count, min, max } = this
    const buckets = { boundaries: [...stepBuckets], counts: [...this.counts] }
    return {
      startTime,
      endTime,
      attributes,
      value: { buckets, sum, count, min, max },
    }
  }
}
