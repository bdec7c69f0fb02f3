/** Rows by row or by place. */
export type RowColumn = number[] | Int32Array

/** Times by row, in ns. */
export type NsColumn = number[] | Float64Array

/**
 * Up to here plain arrays are made faster than typed ones, beyond it several times slower: memory for them is written when they
 * are made, and a second time when the first number comes that is not small and whole.
 */
const MAX_PLAIN_COUNT = 256

/** Of a place that was not written yet nothing can be told: it may read as 0. */
export function rowColumn(count: number): RowColumn {
  return count > MAX_PLAIN_COUNT ? new Int32Array(count) : new Array<number>(count)
}

export function nsColumn(count: number): NsColumn {
  return count > MAX_PLAIN_COUNT ? new Float64Array(count) : new Array<number>(count)
}
