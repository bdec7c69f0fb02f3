import {
  type BatchObservableCallback,
  type Meter,
  type MeterProvider,
  metrics,
  type Observable,
} from '@opentelemetry/api'
import type { MetricPoint } from '@qflow-otel/analyzer'
import {
  METRIC_QFLOW_ANALYZER_DROPPED,
  METRIC_QFLOW_ANALYZER_EXECUTIONS,
  METRIC_QFLOW_BOTTLENECK_COUNT,
  METRIC_QFLOW_BOTTLENECK_SHARE,
  METRIC_QFLOW_DETECTOR_FALSE_ALARM_RATE,
  METRIC_QFLOW_RECOMMENDATION_PREDICTED_GAIN,
  METRIC_QFLOW_REGRESSION_ACTIVE,
  METRIC_QFLOW_REGRESSION_EFFECT,
  registry,
  SCHEMA_URL,
} from '@qflow-otel/semconv'
import { SCOPE_NAME, SCOPE_VERSION } from './scope.ts'

const metricNames = [
  METRIC_QFLOW_BOTTLENECK_SHARE,
  METRIC_QFLOW_BOTTLENECK_COUNT,
  METRIC_QFLOW_REGRESSION_ACTIVE,
  METRIC_QFLOW_REGRESSION_EFFECT,
  METRIC_QFLOW_RECOMMENDATION_PREDICTED_GAIN,
  METRIC_QFLOW_DETECTOR_FALSE_ALARM_RATE,
  METRIC_QFLOW_ANALYZER_EXECUTIONS,
  METRIC_QFLOW_ANALYZER_DROPPED,
]

interface Binding {
  readonly provider: MeterProvider
  readonly unbind: () => void
}

/** Observable instruments that read their points when somebody collects. */
export class FindingMeter {
  readonly #provider: MeterProvider | undefined
  readonly #readPoints: () => readonly MetricPoint[]
  #binding: Binding | undefined

  constructor(options: {
    readonly provider: MeterProvider | undefined
    readonly readPoints: () => readonly MetricPoint[]
  }) {
    this.#provider = options.provider
    this.#readPoints = options.readPoints
  }

  /** Creates the instruments; again when another global provider was set, since the API has no proxy for meters. */
  bind(): void {
    const provider = this.#provider ?? metrics.getMeterProvider()
    if (this.#binding?.provider === provider) return
    this.unbind()
    this.#binding = { provider, unbind: observe(provider, this.#readPoints) }
  }

  unbind(): void {
    this.#binding?.unbind()
    this.#binding = undefined
  }
}

function observe(provider: MeterProvider, readPoints: () => readonly MetricPoint[]): () => void {
  const meter = provider.getMeter(SCOPE_NAME, SCOPE_VERSION, { schemaUrl: SCHEMA_URL })
  const instruments = new Map(metricNames.map((name) => [name, createInstrument(meter, name)]))
  const observables = [...instruments.values()]
  const callback: BatchObservableCallback = (result) => {
    for (const { name, value, attributes } of readPoints()) {
      const instrument = instruments.get(name)
      if (instrument !== undefined) result.observe(instrument, value, attributes)
    }
  }
  meter.addBatchObservableCallback(callback, observables)
  return () => meter.removeBatchObservableCallback(callback, observables)
}

/** Never met: the names come from the registry. */
const unregistered = { instrument: 'gauge', unit: '1', brief: '' }

function createInstrument(meter: Meter, name: string): Observable {
  const { instrument, unit, brief } = registry.metrics[name] ?? unregistered
  const options = { unit, description: brief }
  if (instrument === 'counter') return meter.createObservableCounter(name, options)
  if (instrument === 'updowncounter') return meter.createObservableUpDownCounter(name, options)
  return meter.createObservableGauge(name, options)
}
