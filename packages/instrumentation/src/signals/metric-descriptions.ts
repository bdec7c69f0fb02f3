import { registry } from '@qflow-otel/semconv'

/** Flows take from a millisecond to days; the buckets are those of other engines' run durations, in seconds. */
export const executionBuckets: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200,
]

/** Seconds. */
export const stepBuckets: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
]

/** Name, unit and meaning as the conventions give them. */
export function describeMetric(name: string): {
  readonly name: string
  readonly unit: string
  readonly description: string
} {
  const metric = registry.metrics[name]
  return { name, unit: metric?.unit ?? '', description: metric?.brief ?? '' }
}
