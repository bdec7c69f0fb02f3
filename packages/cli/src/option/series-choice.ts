import type { SeriesChoice } from '../series/series.ts'
import type { Option } from './option.ts'
import { lastOf, type Parsed } from './parse-options.ts'

/** Options that choose what of a file is a series. */
export const SERIES_OPTIONS: readonly Option[] = [
  {
    name: 'column',
    value: 'NAME',
    isRepeatable: true,
    sentence: 'Only this column; without it every column of numbers.',
  },
  {
    name: 'time',
    value: 'NAME',
    sentence: 'The column of times; without it one called time, timestamp or date.',
  },
  {
    name: 'group',
    value: 'NAME',
    sentence:
      'A series of its own for each text in this column; without it one called name or benchmark.',
  },
]

/** What was chosen. */
export function choiceOfSeries(parsed: Parsed): SeriesChoice {
  return {
    columns: parsed.values.get('column') ?? [],
    time: lastOf(parsed, 'time'),
    group: lastOf(parsed, 'group'),
  }
}
