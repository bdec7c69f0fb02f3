/** Values of one kind in order, as they were read. */
export interface Series {
  readonly name: string
  /** As the file says it; absent where it does not. */
  readonly unit: string | undefined
  readonly points: readonly Point[]
  /** A file is one run of a benchmark: the series of this name goes on from file to file. */
  readonly isRun: boolean
}

/** One value of a series, and what the file says of it. */
export interface Point {
  /** `NaN` where the file has no value. */
  readonly value: number
  readonly time: PointTime | undefined
  /** A commit or a version. */
  readonly label: string | undefined
}

/** When a value was measured: as it stands in the file, and on the clock where that can be told. */
export interface PointTime {
  readonly text: string
  readonly unixMs: number | undefined
}

/** What the user chose of a file; nothing chosen is everything that is a number. */
export interface SeriesChoice {
  readonly columns: readonly string[]
  readonly time: string | undefined
  readonly group: string | undefined
}

/** Series of one file; more are left out. */
export const MAX_SERIES_COUNT = 1_000
/** Values of one series; more are left out. */
export const MAX_VALUE_COUNT = 200_000
/** Values of all series of a file together; more are left out. */
export const MAX_ALL_VALUE_COUNT = 4_000_000
