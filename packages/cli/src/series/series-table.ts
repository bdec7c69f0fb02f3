import { InputError, type InputProblem } from '../input/input-error.ts'
import { nearest, typoDistance } from '../nearest.ts'
import { visible } from '../text/visible.ts'
import { type Cell, isTime, numberIn, timeIn } from './cell.ts'
import {
  MAX_ALL_VALUE_COUNT,
  MAX_SERIES_COUNT,
  MAX_VALUE_COUNT,
  type PointTime,
  type Series,
  type SeriesChoice,
} from './series.ts'

/** Columns that hold times, and those that name what was measured, where nobody says which. */
const TIME_NAMES = /^(time|timestamp|date|datetime|ts|when|@timestamp)$/i
const LABEL_NAMES = /^(commit|sha|revision|rev|version|build|tag|label)$/i
/** Columns of benchmark results that group them, when there is a column of values beside. */
const GROUP_NAMES = /^(name|benchmark|test|metric)$/i
const MAX_OFFERED = 5
const MAX_TYPO_DISTANCE = 4

/** The rows of one group: for each column as many values as there are rows. */
interface Group {
  readonly times: (PointTime | undefined)[]
  readonly labels: (string | undefined)[]
  readonly columns: Map<string, number[]>
}

/** What of a column was no number. */
interface Misfits {
  goodCount: number
  badCount: number
  readonly problems: InputProblem[]
}

/** Rows become series: one for each column of numbers in each group. */
export class SeriesTable {
  readonly #choice: SeriesChoice
  readonly #maxProblems: number
  readonly #groups = new Map<string, Group>()
  readonly #misfits = new Map<string, Misfits>()
  /** The first text where times were to be, as long as none was met. */
  #noTime: InputProblem | undefined
  #hasTime = false
  #roles:
    | { time: string | undefined; label: string | undefined; group: string | undefined }
    | undefined
  /** Places for values, empty ones included: a series has one for each row of its group. */
  #placeCount = 0
  rowCount = 0
  leftOutCount = 0

  constructor(choice: SeriesChoice, maxProblems: number) {
    this.#choice = choice
    this.#maxProblems = maxProblems
  }

  /** A row by column; `at` says where it stands. Throws `InputError` for a chosen column that is not there. */
  add(row: ReadonlyMap<string, Cell>, at: string): void {
    const roles = this.#rolesOf(row)
    const group = this.#groupOf(roles.group === undefined ? '' : String(row.get(roles.group) ?? ''))
    if (group === undefined || group.times.length >= MAX_VALUE_COUNT) {
      this.leftOutCount += 1
      return
    }
    const placeCount = this.#placeCount + Math.max(1, group.columns.size)
    if (placeCount > MAX_ALL_VALUE_COUNT) {
      this.leftOutCount += 1
      return
    }
    this.#placeCount = placeCount
    this.rowCount += 1
    const time = roles.time === undefined ? undefined : timeIn(row.get(roles.time))
    group.times.push(time)
    this.#noteTime(time, at)
    const label = roles.label === undefined ? undefined : row.get(roles.label)
    group.labels.push(label === undefined || label === null ? undefined : String(label))
    for (const [name, cell] of row) {
      if (name === roles.time || name === roles.label || name === roles.group) continue
      if (this.#isWanted(name)) this.#addValue(group, { name, cell, at })
    }
  }

  /** A row that could not be read: its place stays empty, so that indices go on counting rows. */
  addGap(): void {
    if (this.#roles?.group !== undefined) return
    const group = this.#groupOf('')
    if (group === undefined || group.times.length >= MAX_VALUE_COUNT) return
    group.times.push(undefined)
    group.labels.push(undefined)
  }

  /** Series of the columns that hold numbers, in order of groups, then columns; what in them is none. */
  end(): { series: readonly Series[]; problems: readonly InputProblem[]; problemCount: number } {
    const kept = [...this.#misfits].filter(([name, one]) => this.#isNumeric(name, one))
    const names = kept.map(([name]) => name)
    const series = [...this.#groups].flatMap(([group, { times, labels, columns }]) =>
      names.flatMap((name): readonly Series[] => {
        const values = columns.get(name)
        if (values === undefined) return []
        const points = times.map((time, row) => ({
          value: values[row] ?? Number.NaN,
          time,
          label: labels[row],
        }))
        return [
          { name: seriesName(group, name, names.length), unit: undefined, points, isRun: false },
        ]
      }),
    )
    const noTime = this.#hasTime || this.#noTime === undefined ? [] : [this.#noTime]
    const problems = [...noTime, ...kept.flatMap(([, one]) => one.problems)]
    const problemCount = kept.reduce((sum, [, { badCount }]) => sum + badCount, noTime.length)
    return { series, problems: problems.slice(0, this.#maxProblems), problemCount }
  }

  #rolesOf(row: ReadonlyMap<string, Cell>) {
    if (this.#roles !== undefined) return this.#roles
    const { columns, time, group } = this.#choice
    const names = [...row.keys()]
    for (const name of [...columns, time, group])
      if (name !== undefined && !row.has(name)) throw unknownColumn(name, names)
    const first = (pattern: RegExp) =>
      names.find((name) => pattern.test(name) && !columns.includes(name))
    const isText = (name: string | undefined) =>
      name !== undefined &&
      typeof row.get(name) === 'string' &&
      numberIn(row.get(name)) === undefined
    const named = first(GROUP_NAMES)
    this.#roles = {
      time: time ?? first(TIME_NAMES),
      label: first(LABEL_NAMES),
      group: group ?? (isText(named) ? named : undefined),
    }
    return this.#roles
  }

  /** A column that somebody chose for its times, and that holds none, is another one. */
  #noteTime(time: PointTime | undefined, at: string): void {
    const { time: name } = this.#choice
    if (name === undefined || time === undefined || this.#hasTime) return
    this.#hasTime = isTime(time)
    const found = `"${visible(time.text, 40)}"`
    this.#noTime ??= {
      at: `${at}, column "${visible(name, 40)}"`,
      reason: `expected times, as ISO 8601 or as numbers, found ${found} and none in the whole column`,
    }
  }

  #groupOf(key: string): Group | undefined {
    const known = this.#groups.get(key)
    if (known !== undefined || this.#groups.size >= MAX_SERIES_COUNT) return known
    const group = { times: [], labels: [], columns: new Map() }
    this.#groups.set(key, group)
    return group
  }

  #addValue(group: Group, { name, cell, at }: { name: string; cell: Cell; at: string }): void {
    const number = numberIn(cell)
    let misfits = this.#misfits.get(name)
    if (misfits === undefined) {
      if (this.#misfits.size >= MAX_SERIES_COUNT) {
        this.leftOutCount += 1
        return
      }
      misfits = { goodCount: 0, badCount: 0, problems: [] }
      this.#misfits.set(name, misfits)
    }
    if (number === undefined) {
      misfits.badCount += 1
      const found = typeof cell === 'string' ? `"${visible(cell, 40)}"` : String(cell)
      const reason = `expected a number, found ${found}`
      const where = `${at}, column "${visible(name, 40)}"`
      if (misfits.problems.length < this.#maxProblems) misfits.problems.push({ at: where, reason })
    } else if (!Number.isNaN(number)) misfits.goodCount += 1
    const values = group.columns.get(name) ?? this.#newColumn(group, name)
    if (values === undefined) return
    // Rows before this one may have lacked the column.
    while (values.length < group.times.length - 1) values.push(Number.NaN)
    values.push(number ?? Number.NaN)
  }

  /** Nothing when the rows so far leave no room for it; what would have stood there is counted. */
  #newColumn({ times, columns }: Group, name: string): number[] | undefined {
    if (this.#placeCount + times.length > MAX_ALL_VALUE_COUNT) {
      this.leftOutCount += 1
      return undefined
    }
    this.#placeCount += times.length
    const values: number[] = []
    columns.set(name, values)
    return values
  }

  #isWanted(name: string): boolean {
    const { columns } = this.#choice
    return columns.length === 0 || columns.includes(name)
  }

  /** Where nobody chose, a column of mostly other things is no series with mistakes. */
  #isNumeric(name: string, { goodCount, badCount }: Misfits): boolean {
    return this.#choice.columns.includes(name) || (goodCount > 0 && goodCount >= badCount)
  }
}

function seriesName(group: string, column: string, columnCount: number): string {
  if (group === '') return column
  return columnCount === 1 ? group : `${group}: ${column}`
}

function unknownColumn(name: string, names: readonly string[]): InputError {
  const maxDistance = typoDistance(name, MAX_TYPO_DISTANCE)
  const near = nearest(name, names, { limit: MAX_OFFERED, maxDistance })
  const offered = near.length > 0 ? near : names.slice(0, MAX_OFFERED)
  const list = offered.map((one) => `"${visible(one, 40)}"`).join(', ')
  return new InputError({
    at: '',
    expected: `a column "${visible(name, 40)}"`,
    found: offered.length === 0 ? 'none' : `others, such as ${list}`,
  })
}
