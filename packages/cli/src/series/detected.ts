import {
  changePoints,
  type DetectionSettings,
  resolveDetection,
  watchSeries,
} from '@qflow-otel/analyzer'
import type { Point, Series } from './series.ts'

/** A figure with its 95 % interval. */
interface Figure {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** A change of a series, found afterwards or told while it came. */
export interface DetectedChange {
  /** Of the first value on the new level, 0-based, empty places counted. */
  readonly index: number
  readonly time: Point['time']
  readonly label: string | undefined
  readonly direction: 'up' | 'down'
  readonly before: number
  readonly after: number
  readonly difference: Figure | undefined
  readonly ratio: Figure | undefined
  /** Values on the new level that the effect rests on. */
  readonly n: number
  /** Offline only. */
  readonly confidence: number | undefined
  /** Online only: after which value it was told, and told to be over. */
  readonly toldIndex: number | undefined
  readonly overIndex: number | undefined
}

/** A series with its changes. */
export interface DetectedSeries {
  readonly series: Series
  /** Values that were looked at, and places without one. */
  readonly n: number
  readonly skippedCount: number
  readonly changes: readonly DetectedChange[]
  /** Offline only: spread about the levels, and how far the level drifts beside its steps. */
  readonly noise: { readonly deviation: number; readonly isRatio: boolean } | undefined
  readonly drift: number | undefined
}

/** What to look for. */
export type Detection =
  | { readonly kind: 'offline'; readonly smallestEffectRatio: number }
  | { readonly kind: 'online'; readonly settings: Partial<DetectionSettings> }

/** Finds the changes of a series. */
export function detectIn(series: Series, detection: Detection): DetectedSeries {
  return detection.kind === 'offline'
    ? afterwards(series, detection.smallestEffectRatio)
    : asItCame(series, detection.settings)
}

function afterwards(series: Series, smallestEffectRatio: number): DetectedSeries {
  const values = series.points.map(({ value }) => value)
  const found = changePoints(values, { smallestEffectRatio })
  const { noiseDeviation: deviation, scale, driftRange } = found
  return {
    series,
    n: found.n,
    skippedCount: found.skipped.length,
    changes: found.changePoints.map((one) => ({
      ...place(series, one.index),
      ...one,
      n: one.difference.n,
      toldIndex: undefined,
      overIndex: undefined,
    })),
    noise: deviation === undefined ? undefined : { deviation, isRatio: scale === 'ratio' },
    drift: driftRange === 0 ? undefined : driftRange,
  }
}

function asItCame(series: Series, settings: Partial<DetectionSettings>): DetectedSeries {
  const values = series.points.map(({ value }) => value)
  const { changes, n, skipped } = watchSeries(values, resolveDetection(settings))
  return {
    series,
    n,
    skippedCount: skipped.length,
    changes: changes.map((one) => ({
      ...place(series, one.index),
      ...one,
      difference: undefined,
      n: one.ratio.n,
      confidence: undefined,
    })),
    noise: undefined,
    drift: undefined,
  }
}

function place({ points }: Series, index: number) {
  const { time, label } = points[index] ?? { time: undefined, label: undefined }
  return { time, label }
}
