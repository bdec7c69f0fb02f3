import type { ResourceSampler } from '../resource-sampler.ts'
import { createPoolTally, type PoolTally } from './pool-tally.ts'
import { createStepSeriesTable, OTHER, type StepSeriesTable } from './series.ts'

/** Flows told apart by metrics; further ones count as `_OTHER`. */
const MAX_FLOWS = 1_000

/** Everything that is summed between two collections. */
export interface Tally {
  readonly steps: StepSeriesTable
  readonly pools: PoolTally
  readonly activeByFlow: CountTable<string>
  readonly rejected: CountTable<readonly [flowId: string, errorType: string]>
  readonly lookups: { hits: number; misses: number; wereSeen: boolean }
  readonly sampler: ResourceSampler
  /** Counts telemetry that was not kept, under the one reason why. */
  drop(reason: DropReason): void
  dropped(): Iterable<readonly [DropReason, number]>
}

/**
 * Why telemetry was not kept: the series table is full, a span had no room for an attribute, a start whose run was never
 * seen, a graph too large to send, a pool table that is full.
 */
export type DropReason =
  | 'series_limit'
  | 'attribute_limit'
  | 'unclaimed_start'
  | 'graph_limit'
  | 'pool_limit'

export function createTally(sampler: ResourceSampler): Tally {
  const drops = new Map<DropReason, number>()
  const steps = createStepSeriesTable()
  const drop = (reason: DropReason) => drops.set(reason, (drops.get(reason) ?? 0) + 1)
  return {
    steps,
    pools: createPoolTally(() => drop('pool_limit')),
    activeByFlow: createCountTable((flowId) => flowId, OTHER),
    rejected: createCountTable((key) => JSON.stringify(key), [OTHER, OTHER]),
    lookups: { hits: 0, misses: 0, wereSeen: false },
    sampler,
    drop,
    *dropped() {
      if (steps.overflowCount() > 0) yield ['series_limit', steps.overflowCount()]
      yield* drops
    },
  }
}

/** Counts by key, with a bound: keys beyond it share one. */
export interface CountTable<K> {
  add(key: K, amount: number): void
  entries(): Iterable<readonly [K, number]>
}

function createCountTable<K>(textOf: (key: K) => string, other: K): CountTable<K> {
  const counts = new Map<string, { readonly key: K; count: number }>()
  return {
    add(key, amount) {
      let text = textOf(key)
      let kept = key
      if (!counts.has(text) && counts.size >= MAX_FLOWS) {
        kept = other
        text = textOf(other)
      }
      const entry = counts.get(text)
      if (entry) entry.count += amount
      else counts.set(text, { key: kept, count: amount })
    },
    *entries() {
      for (const { key, count } of counts.values()) yield [key, count]
    },
  }
}
