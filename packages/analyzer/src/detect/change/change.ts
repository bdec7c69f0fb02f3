import { type History, meanParts } from '../../baseline/history.ts'
import { evidenceOf, type HistoryEntry } from '../../baseline/history-entry.ts'
import type { Interval } from '../../stats/mean-interval.ts'
import { type MedianChange, median } from '../../stats/median-change.ts'
import { findingId } from '../finding-id.ts'
import type { SeriesPlace } from '../series/series-place.ts'
import { seriesReader, seriesValues } from '../series/series-value.ts'
import { effectOf } from './effect.ts'

/** A change of level that was confirmed, from opening to resolution. Plain data. */
export interface Change {
  readonly id: string
  readonly direction: 'regression' | 'improvement'
  /** What changed; absent when the flow's duration did. */
  readonly series: SeriesPlace | undefined
  readonly onset: {
    readonly sequence: number
    readonly executionId: string
    readonly unixNs: bigint
    readonly flowVersion: string | undefined
  }
  /** The executions before the onset that it is compared with begin here. */
  readonly beforeFrom: number
  /** Values of the series before the onset, in ms or bytes. */
  readonly before: readonly number[]
  /** Mean ms per place of the history's table before the onset; they sum to the mean duration. */
  readonly partsBeforeMs: readonly number[]
  readonly cacheBefore: CacheUse
  readonly effect: MedianChange
  /** Natural logarithm of the detector's evidence when it was confirmed: at least that of the budget. */
  readonly logEvidence: number
  /** The effect when it was confirmed. */
  readonly openedRatio: number
  /** Mean ms per place when it was confirmed: they say where it lies, whatever comes later. */
  readonly partsOpenedMs: readonly number[]
  readonly partsAfterMs: readonly number[]
  readonly cacheAfter: CacheUse
  /** From here on the level is the one that `effect` states: the onset, or a later partial return. */
  readonly levelFrom: number
  readonly state: 'open' | 'resolved'
  readonly opened: { readonly sequence: number; readonly unixNs: bigint }
  readonly updatedUnixNs: bigint
  /** The last execution after which the change was told. */
  readonly toldSequence: number
  readonly toldRatio: Interval
  readonly typical: readonly { readonly executionId: string; readonly traceId: string }[]
}

/** Lookups of the validation cache, per step. */
export type CacheUse = readonly {
  readonly stepId: string
  readonly hits: number
  readonly misses: number
}[]

const MAX_EVIDENCE_COUNT = 5

/** What a change is at the moment it is confirmed. */
export function openChange(
  history: History,
  shift: {
    readonly flow: { readonly tenant: string; readonly flowId: string }
    readonly series: SeriesPlace | undefined
    readonly effect: MedianChange
    readonly logEvidence: number
    readonly before: readonly HistoryEntry[]
    readonly after: readonly HistoryEntry[]
    readonly flowVersion: string | undefined
  },
): Change | undefined {
  const { series, effect, logEvidence, before, after } = shift
  const onset = after[0]
  const newest = after.at(-1)
  if (onset === undefined || newest === undefined) return undefined
  const direction = effect.ratio.value > 0 ? 'regression' : 'improvement'
  return {
    id: findingId({
      ...shift.flow,
      stepId: series?.stepId,
      phase: series?.phase,
      metric: series?.metric ?? 'duration',
      kind: 'regression',
      direction,
      onsetExecutionId: onset.executionId,
    }),
    direction,
    series,
    onset: {
      sequence: onset.sequence,
      executionId: onset.executionId,
      unixNs: onset.startUnixNs,
      flowVersion: shift.flowVersion,
    },
    logEvidence,
    beforeFrom: before[0]?.sequence ?? onset.sequence,
    before: seriesValues(history, before, series),
    partsBeforeMs: meanParts(history, before),
    cacheBefore: cacheUse(before),
    levelFrom: onset.sequence,
    state: 'open',
    opened: { sequence: newest.sequence, unixNs: newest.endUnixNs },
    toldSequence: newest.sequence,
    toldRatio: effect.ratio,
    partsOpenedMs: meanParts(history, after),
    openedRatio: effect.ratio.value,
    ...levelOf(history, after, { series, effect }),
  }
}

/** The change with its effect at the level of these executions; unchanged when they are too few to say. */
export function measureAgain(
  history: History,
  change: Change,
  entries: readonly HistoryEntry[],
): Change {
  const { series } = change
  const effect = effectOf(change.before, seriesValues(history, entries, series))
  if (effect === undefined) return change
  return { ...change, ...levelOf(history, entries, { series, effect }) }
}

function levelOf(
  history: History,
  entries: readonly HistoryEntry[],
  { series, effect }: { series: SeriesPlace | undefined; effect: MedianChange },
) {
  return {
    effect,
    partsAfterMs: meanParts(history, entries),
    cacheAfter: cacheUse(entries),
    updatedUnixNs: entries.at(-1)?.endUnixNs ?? 0n,
    typical: typicalOf(history, entries, series),
  }
}

/** The executions nearest to their median: what the new level looks like. */
export function typicalOf(
  history: History,
  entries: readonly HistoryEntry[],
  series: SeriesPlace | undefined,
): Change['typical'] {
  const middle = median(seriesValues(history, entries, series))
  const valueIn = seriesReader(history, series)
  return entries
    .map((entry) => ({ entry, distance: Math.abs(valueIn(entry) - middle) }))
    .filter(({ distance }) => !Number.isNaN(distance))
    .sort((a, b) => a.distance - b.distance || a.entry.sequence - b.entry.sequence)
    .slice(0, MAX_EVIDENCE_COUNT)
    .map(({ entry: { executionId, traceId } }) => ({ executionId, traceId }))
}

/** Steps whose cache use is known. */
export function cacheUse(entries: readonly HistoryEntry[]): CacheUse {
  const byStep = new Map<string, { stepId: string; hits: number; misses: number }>()
  for (const entry of entries) {
    for (const { stepId, cacheHits, cacheMisses } of evidenceOf(entry)) {
      if (cacheHits === undefined && cacheMisses === undefined) continue
      const use = byStep.get(stepId) ?? { stepId, hits: 0, misses: 0 }
      use.hits += cacheHits ?? 0
      use.misses += cacheMisses ?? 0
      byStep.set(stepId, use)
    }
  }
  return [...byStep.values()]
}
