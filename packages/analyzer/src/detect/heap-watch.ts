import { medianOfSorted } from '../stats/median-change.ts'
import { type Forecast, forecast } from './trend/forecast.ts'
import { type LastingGrowth, lastingGrowth } from './trend/lasting-growth.ts'
import type { Point } from './trend/point.ts'
import {
  addToTrend,
  emptyTrendSeries,
  type TrendSeries,
  trendPoints,
} from './trend/trend-series.ts'

/** The heap of one process after its garbage collections, and whether it leaks. Plain data, some 3 KB as JSON. */
export interface HeapWatch {
  readonly series: TrendSeries
  limitBytes: number | undefined
  last: { readonly unixMs: number; readonly bytes: number } | undefined
  /** Values since growth was last looked for. */
  unseenCount: number
  /** Looks in a row that found growth while no leak is told, or none while one is. */
  contraryCount: number
  leak: Leak | undefined
}

/** A heap that grows and never comes back. */
export interface Leak {
  /** Where the growth begins in what is known. */
  readonly sinceUnixMs: number
  readonly openedUnixMs: number
  readonly updatedUnixMs: number
  readonly bytesPerHour: { readonly value: number; readonly low: number; readonly high: number }
  /** Level on the line where it begins and at the newest point, and the points it rests on. */
  readonly beforeBytes: number
  readonly afterBytes: number
  readonly pointCount: number
  /** Of the test that it rises. */
  readonly z: number
  /** The pace that was told last. */
  readonly toldBytesPerHour: number
  /** When the limit of the process will be reached; absent where that is not known. */
  readonly forecast: Forecast | undefined
}

/** A step in the life of a leak. */
export interface LeakStep {
  readonly step: 'opened' | 'updated' | 'resolved'
  readonly leak: Leak
}

/** Twice as many values as these are joined in pairs: a day of minutes in points of a quarter of an hour. */
const POINT_COUNT = 128
/** New points before growth is looked for again. */
const LOOK_EVERY_POINTS = 8
/** A leak is told after two looks that found it, and is over after three that did not. */
const [OPEN_LOOKS, RESOLVE_LOOKS] = [2, 3]
const MS_PER_HOUR = 3_600_000

export function emptyHeapWatch(): HeapWatch {
  return {
    series: emptyTrendSeries(POINT_COUNT),
    limitBytes: undefined,
    last: undefined,
    unseenCount: 0,
    contraryCount: 0,
    leak: undefined,
  }
}

/**
 * Takes the heap's size after a collection; returns what that changed. A size told again is the same collection, for a gauge is
 * exported whether or not there was one; what is older than the last is left out. O(1), and at every eighth point some ms.
 */
export function noteHeap(
  watch: HeapWatch,
  { unixMs, bytes }: { unixMs: number; bytes: number },
): LeakStep | undefined {
  const { last, series } = watch
  if (last !== undefined && unixMs <= last.unixMs) return undefined
  const isAgain = bytes === last?.bytes
  if (!isAgain && !addToTrend(series, { unixMs, value: bytes })) return undefined
  watch.last = { unixMs, bytes }
  if (isAgain) return undefined
  watch.unseenCount += 1
  if (watch.unseenCount < LOOK_EVERY_POINTS * series.valuesPerPoint) return undefined
  watch.unseenCount = 0
  return look(watch, unixMs)
}

/** The process is gone, and its leak with it. */
export function endHeap(watch: HeapWatch, unixMs: number): LeakStep | undefined {
  const { leak } = watch
  if (leak === undefined) return undefined
  watch.leak = undefined
  return { step: 'resolved', leak: { ...leak, updatedUnixMs: unixMs } }
}

function look(watch: HeapWatch, unixMs: number): LeakStep | undefined {
  const growth = lastingGrowth(trendPoints(watch.series), watch.limitBytes)
  const { leak } = watch
  const isContrary = (growth === undefined) === (leak !== undefined)
  watch.contraryCount = isContrary ? watch.contraryCount + 1 : 0
  if (leak === undefined) {
    if (growth === undefined || watch.contraryCount < OPEN_LOOKS) return undefined
    watch.contraryCount = 0
    const opened = measured(growth, { limitBytes: watch.limitBytes, unixMs })
    watch.leak = { ...opened, openedUnixMs: unixMs, toldBytesPerHour: opened.bytesPerHour.value }
    return { step: 'opened', leak: watch.leak }
  }
  if (growth === undefined) {
    if (watch.contraryCount < RESOLVE_LOOKS) return undefined
    watch.contraryCount = 0
    return endHeap(watch, unixMs)
  }
  return follow(watch, leak, measured(growth, { limitBytes: watch.limitBytes, unixMs }))
}

/** Told again when the pace that was told is none that the points allow. */
function follow(watch: HeapWatch, leak: Leak, now: Measured): LeakStep | undefined {
  const { value, low, high } = now.bytesPerHour
  const isNews = leak.toldBytesPerHour < low || leak.toldBytesPerHour > high
  const toldBytesPerHour = isNews ? value : leak.toldBytesPerHour
  const { openedUnixMs, sinceUnixMs } = leak
  watch.leak = { ...now, openedUnixMs, sinceUnixMs, toldBytesPerHour }
  return isNews ? { step: 'updated', leak: watch.leak } : undefined
}

type Measured = Omit<Leak, 'openedUnixMs' | 'toldBytesPerHour'>

function measured(
  { slope, points }: LastingGrowth,
  { limitBytes, unixMs }: { limitBytes: number | undefined; unixMs: number },
): Measured {
  const levelAt = (point: Point | undefined) =>
    slope.centreValue + slope.perMs * ((point?.unixMs ?? 0) - slope.centreUnixMs)
  const perHour = (perMs: number) => perMs * MS_PER_HOUR
  return {
    sinceUnixMs: points[0]?.unixMs ?? unixMs,
    updatedUnixMs: unixMs,
    bytesPerHour: {
      value: perHour(slope.perMs),
      low: perHour(slope.low),
      high: perHour(slope.high),
    },
    // A steep line may begin below nothing.
    beforeBytes: Math.max(levelAt(points[0]), 1),
    afterBytes: levelAt(points.at(-1)),
    pointCount: slope.n,
    z: slope.test.z,
    forecast: limitBytes === undefined ? undefined : forecast(slope, limitBytes),
  }
}

/** What the process holds now: the median of its newest points. */
export function heapLevelBytes({ series }: HeapWatch): number | undefined {
  const newest = trendPoints(series).slice(-LOOK_EVERY_POINTS)
  if (newest.length === 0) return undefined
  return medianOfSorted(newest.map(({ value }) => value).sort((a, b) => a - b))
}
