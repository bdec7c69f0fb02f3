import type { ResourceSampler } from '../resource-sampler.ts'
import { createPoolTally, type PoolTally } from './pool-tally.ts'
import { createStepSeriesTable, MAX_STEP_SERIES, OTHER, type StepSeriesTable } from './series.ts'

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
  /** An id as telemetry shows it. */
  clip(text: string): string
  dropped(): Iterable<readonly [DropReason, number]>
  /** The flow as the execution histogram may name it. */
  flowName(flowId: string | undefined): string | undefined
}

type DropReason =
  | 'series_limit'
  | 'attribute_limit'
  | 'unclaimed_start'
  | 'lineage_limit'
  | 'graph_limit'
  | 'pool_limit'
  | 'hold_limit'
  | 'check_limit'
  | 'text_limit'

/** Ids are a few words long; one that is a payload would make every span as large. */
const MAX_ID_LENGTH = 1_024

/** Why telemetry was not kept, and what then becomes of it. */
export const dropReasons: Readonly<Record<DropReason, string>> = {
  series_limit: `More than ${MAX_STEP_SERIES} steps, or ${MAX_FLOWS} flows, are told apart by metrics: the measurement counts as \`${OTHER}\`.`,
  attribute_limit: 'A span was full: the least needed attribute is left out.',
  unclaimed_start:
    'More than 1,000 started executions wait for their run: the oldest one’s span ends without an outcome.',
  lineage_limit:
    'An engine that keeps no state had more than 1,000 executions: the oldest one’s resume counts as a first segment.',
  graph_limit:
    'The graph of a flow is over 64 KiB, has over 10,000 steps or is a cycle: its definition is not sent.',
  pool_limit: 'More than 100 pools: further ones have no metrics.',
  hold_limit:
    'More than 10,000 resources of one pool are held at once: further ones have no `hold` span.',
  check_limit: 'A start made more than 100 admission checks: further ones have no span.',
  text_limit:
    'An id, type or action has over 1,024 characters: it is cut there, also in span names.',
}

export function createTally(sampler: ResourceSampler): Tally {
  const drops = new Map<DropReason, number>()
  const drop = (reason: DropReason) => drops.set(reason, (drops.get(reason) ?? 0) + 1)
  const onSeriesFull = () => drop('series_limit')
  const steps = createStepSeriesTable(onSeriesFull)
  const flowIds = new Set<string>()
  return {
    steps,
    pools: createPoolTally(() => drop('pool_limit')),
    activeByFlow: createCountTable((flowId) => flowId, OTHER, onSeriesFull),
    rejected: createCountTable((key) => JSON.stringify(key), [OTHER, OTHER], onSeriesFull),
    lookups: { hits: 0, misses: 0, wereSeen: false },
    sampler,
    drop,
    clip(text) {
      if (text.length <= MAX_ID_LENGTH) return text
      drop('text_limit')
      return text.slice(0, MAX_ID_LENGTH)
    },
    dropped: () => drops,
    flowName(flowId) {
      if (flowId === undefined || flowIds.has(flowId)) return flowId
      if (flowIds.size >= MAX_FLOWS) {
        onSeriesFull()
        return OTHER
      }
      flowIds.add(flowId)
      return flowId
    },
  }
}

/** Counts by key, with a bound: keys beyond it share one. */
interface CountTable<K> {
  add(key: K, amount: number): void
  entries(): Iterable<readonly [K, number]>
}

function createCountTable<K>(
  textOf: (key: K) => string,
  other: K,
  onFull: () => void,
): CountTable<K> {
  const counts = new Map<string, { readonly key: K; count: number }>()
  return {
    add(key, amount) {
      let text = textOf(key)
      let kept = key
      if (!counts.has(text) && counts.size >= MAX_FLOWS) {
        kept = other
        text = textOf(other)
        if (amount > 0) onFull()
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
