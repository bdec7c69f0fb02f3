import { emptyRows, type LevelRows, reserveRows } from '../level/level-rows.ts'
import { addSeries, type SeriesKind } from '../level/level-series.ts'
import { addPlainSeries, fitsRow, type LevelSeries, plainSeries } from '../level/plain-series.ts'
import { isRate, type SeriesPlace } from './series-place.ts'

/** A series with its part of the budget, as plain data. */
export interface WatchedSeries {
  /** Absent for the flow's duration. */
  readonly place: SeriesPlace | undefined
  readonly weight: number
  readonly state: LevelSeries
  /** After its last value: a series without one in an execution keeps what it had. */
  readonly evidence: number
}

/** What a series has in an execution until something is added to it: nothing of a phase is 0 ms, nothing of others is no value. */
export const ABSENT = -1
/** Series come one by one after learning, up to 16. */
const LATE_ROOM = 4

/** The series of one flow in their order, as columns: what runs for each execution touches all of them. */
export class SeriesTable {
  readonly rows: LevelRows = emptyRows(0)
  /** Absent for the flow's duration. */
  readonly places: (SeriesPlace | undefined)[] = []
  weights: Float64Array = new Float64Array(0)
  /** What each has in an execution that says nothing of it: 0 or `ABSENT`. */
  blanks: Float64Array = new Float64Array(0)
  #isRate = new Uint8Array(0)

  /** Of plain data; absent when one of them is none of ours. */
  static of(series: readonly WatchedSeries[]): SeriesTable | undefined {
    if (!series.every(({ state }) => fitsRow(state))) return undefined
    const table = new SeriesTable()
    table.reserve(series.length)
    for (const { place, weight, state, evidence } of series) {
      addPlainSeries(table.rows, state)
      table.#place(place, weight)
      table.rows.evidences[table.count - 1] = evidence
    }
    return table
  }

  get count(): number {
    return this.places.length
  }

  /** Adds a series that knows nothing; its index. */
  add(place: SeriesPlace | undefined, weight: number): number {
    if (this.count === this.weights.length) this.reserve(LATE_ROOM)
    const kind: SeriesKind = place?.metric === 'error_rate' ? 'rate' : 'positive'
    addSeries(this.rows, kind)
    this.#place(place, weight)
    return this.count - 1
  }

  /** Makes room for so many more. */
  reserve(count: number): void {
    const room = this.count + count
    if (room <= this.weights.length) return
    reserveRows(this.rows, count)
    this.weights = roomier(this.weights, room)
    this.blanks = roomier(this.blanks, room)
    const before = this.#isRate
    this.#isRate = new Uint8Array(room)
    this.#isRate.set(before)
  }

  /** Weighted evidence of levels and of rates. */
  totals(): { readonly levels: number; readonly rates: number } {
    const { weights, count } = this
    const { evidences } = this.rows
    const isRates = this.#isRate
    let levels = 0
    let rates = 0
    for (let stream = 0; stream < count; stream += 1) {
      // Indices below the lengths.
      const weighted = (weights[stream] as number) * (evidences[stream] as number)
      if (isRates[stream] === 1) rates += weighted
      else levels += weighted
    }
    return { levels, rates }
  }

  toPlain(): WatchedSeries[] {
    return this.places.map((place, stream) => ({
      place,
      weight: this.weights[stream] as number,
      state: plainSeries(this.rows, stream),
      evidence: this.rows.evidences[stream] as number,
    }))
  }

  #place(place: SeriesPlace | undefined, weight: number): void {
    const stream = this.places.push(place) - 1
    this.weights[stream] = weight
    this.blanks[stream] = place?.metric === 'phase' ? 0 : ABSENT
    this.#isRate[stream] = isRate(place) ? 1 : 0
  }
}

function roomier(column: Float64Array, room: number): Float64Array<ArrayBuffer> {
  const roomy = new Float64Array(room)
  roomy.set(column)
  return roomy
}
