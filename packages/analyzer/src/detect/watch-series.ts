import type { Counters } from '../baseline/counters.ts'
import { appendEntry } from '../baseline/history.ts'
import { durationObservation } from '../baseline/observation.ts'
import type { Interval } from '../stats/mean-interval.ts'
import type { Change } from './change/change.ts'
import { emptyFlowMemory } from './flow-memory.ts'
import { judge } from './regression.ts'
import { emptyWatch, type RegressionSettings } from './regression-watch.ts'

/** A change as the online detector told it. */
export interface ToldChange {
  /** Index in the values given, 0-based, of the first one on the new level. */
  readonly index: number
  /** Index of the value after which it was told. */
  readonly toldIndex: number
  readonly direction: 'up' | 'down'
  /** Medians before and after it. */
  readonly before: number
  readonly after: number
  /** After over before, less 1, with its 95 % interval, as it was when told. */
  readonly ratio: Interval
  /** Index of the value after which the change was told to be over; absent while it lasts. */
  readonly overIndex: number | undefined
}

/** What was told while a series was watched. */
export interface ToldChanges {
  readonly changes: readonly ToldChange[]
  /** Values that were looked at. */
  readonly n: number
  /** Indices of those that are negative or no finite number and were skipped. */
  readonly skipped: readonly number[]
}

/** One watch holds one series: names of flows and tenants play no part in it. */
const NAMES = { tenant: '', flowId: '' } as const
const SECOND_NS = 1_000_000_000n

/**
 * What the online detector would have told of a series had it seen the values one by one, each the duration of an
 * execution: the changes in the order in which they were told.
 */
export function watchSeries(
  values: readonly number[],
  settings: Omit<RegressionSettings, 'tenant' | 'flowId'>,
): ToldChanges {
  const memory = emptyFlowMemory()
  const watch = emptyWatch()
  const counters: Counters = {}
  const told = new Map<string, ToldChange>()
  const skipped: number[] = []
  const places: number[] = []
  for (const [index, value] of values.entries()) {
    if (!Number.isFinite(value) || value < 0) {
      skipped.push(index)
      continue
    }
    places.push(index)
    const observation = durationObservation(executionOf(value, index))
    const entry = appendEntry(memory.history, observation, counters)
    const shown = { memory, entry, flowVersion: undefined }
    const { levels } = judge(watch, shown, { ...NAMES, ...settings }, counters)
    for (const { step, change } of levels) {
      if (step === 'opened') told.set(change.id, toldChange(change, { places, index }))
      const open = told.get(change.id)
      if (step === 'resolved' && open !== undefined)
        told.set(change.id, { ...open, overIndex: index })
    }
  }
  return { changes: [...told.values()], n: places.length, skipped }
}

/** One a second, which ends where it starts: a value may be longer than any time. */
function executionOf(value: number, index: number) {
  const unixNs = BigInt(index) * SECOND_NS
  return { executionId: String(index), startUnixNs: unixNs, endUnixNs: unixNs, durationMs: value }
}

function toldChange(
  { onset, effect }: Change,
  { places, index }: { places: readonly number[]; index: number },
): ToldChange {
  return {
    // The sequence of an entry counts the values that were looked at.
    index: places[onset.sequence] as number,
    toldIndex: index,
    direction: effect.ratio.value > 0 ? 'up' : 'down',
    before: effect.medianBefore,
    after: effect.medianAfter,
    ratio: effect.ratio,
    overIndex: undefined,
  }
}
