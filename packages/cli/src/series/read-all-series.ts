import type { Readable } from 'node:stream'
import { STDIN_NAME } from '../input/open-bytes.ts'
import { readSeries, type SeriesInput } from './read-series.ts'
import type { Point, Series, SeriesChoice } from './series.ts'

/** All series of all files, and what was read of each file. */
export interface AllSeries {
  readonly inputs: readonly SeriesInput[]
  readonly series: readonly Series[]
}

/**
 * Reads files one after the other. Series of single runs go on from file to file; of several files, the others are
 * named after theirs. Points are in order of time where every one has a time, else as they were read.
 */
export async function readAllSeries(
  files: readonly string[],
  options: { readonly stdin: Readable; readonly choice: SeriesChoice },
): Promise<AllSeries> {
  const inputs: SeriesInput[] = []
  for (const file of files) inputs.push(await readSeries(file, options))
  const runs = new Map<string, Series>()
  const own: Series[] = []
  for (const input of inputs) {
    const file = input.name === STDIN_NAME ? 'standard input' : input.name
    for (const series of input.series) {
      if (series.isRun) {
        const points = [...(runs.get(series.name)?.points ?? []), ...series.points]
        runs.set(series.name, { ...series, points })
      } else own.push(files.length === 1 ? series : { ...series, name: `${file}: ${series.name}` })
    }
  }
  return { inputs, series: [...own, ...runs.values()].map(inOrderOfTime) }
}

function inOrderOfTime(series: Series): Series {
  const timeOf = ({ time }: Point) => time?.unixMs ?? Number.NaN
  // A row that could not be read has no time and no value.
  const timed = series.points.filter((point) => Number.isFinite(timeOf(point)))
  if (series.points.some((point) => Number.isFinite(point.value) && Number.isNaN(timeOf(point))))
    return series
  const isOrdered = timed.every(
    (point, at) => at === 0 || timeOf(timed[at - 1] ?? point) <= timeOf(point),
  )
  return isOrdered ? series : { ...series, points: timed.sort((a, b) => timeOf(a) - timeOf(b)) }
}
