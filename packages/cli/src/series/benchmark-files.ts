import { isObject, type JsonObject } from '../json-object.ts'
import { type Cell, numberIn, timeIn } from './cell.ts'
import { MAX_SERIES_COUNT, MAX_VALUE_COUNT, type Point, type Series } from './series.ts'

/** Series by name while a file is read. */
class SeriesByName {
  readonly #series = new Map<string, { unit: string | undefined; points: Point[] }>()
  leftOutCount = 0

  add(name: string, unit: string | undefined, point: Point): void {
    let series = this.#series.get(name)
    if (series === undefined && this.#series.size < MAX_SERIES_COUNT) {
      series = { unit, points: [] }
      this.#series.set(name, series)
    }
    if (series === undefined || series.points.length >= MAX_VALUE_COUNT) this.leftOutCount += 1
    else series.points.push(point)
  }

  all(isRun: boolean): Series[] {
    return [...this.#series].map(([name, { unit, points }]) => ({ name, unit, points, isRun }))
  }
}

/** Series of a known benchmark's own file, and how many values found no room; nothing when it is none. */
export function benchmarkSeries(
  document: unknown,
): { readonly series: readonly Series[]; readonly leftOutCount: number } | undefined {
  if (Array.isArray(document)) return isResultList(document) ? resultList(document) : undefined
  if (!isObject(document)) return undefined
  if (isObject(document['entries'])) return githubActionHistory(document['entries'])
  if (Array.isArray(document['benchmarks'])) return googleBenchmark(document)
  if (Array.isArray(document['results'])) return hyperfine(document['results'])
  return undefined
}

/** Source: github-action-benchmark, `data.js`: `entries` by suite, each a list of commits with their results. */
function githubActionHistory(entries: JsonObject) {
  const found = new SeriesByName()
  const suites = Object.entries(entries)
  for (const [suite, runs] of suites) {
    for (const run of listOf(runs)) {
      const commit = isObject(run['commit']) ? run['commit'] : {}
      const time = timeIn(cellOf(run['date'] ?? commit['timestamp']))
      const label = textOf(commit['id'])?.slice(0, 12)
      for (const bench of listOf(run['benches'])) {
        const name = textOf(bench['name']) ?? ''
        const value = numberOf(bench['value'])
        const full = suites.length === 1 ? name : `${suite}: ${name}`
        found.add(full, textOf(bench['unit']), { value, time, label })
      }
    }
  }
  return { series: found.all(false), leftOutCount: found.leftOutCount }
}

/** Source: Google Benchmark, `--benchmark_format=json`: repetitions stand one by one, aggregates are left aside. */
function googleBenchmark(document: JsonObject) {
  const found = new SeriesByName()
  const context = isObject(document['context']) ? document['context'] : {}
  const time = timeIn(cellOf(context['date']))
  for (const one of listOf(document['benchmarks'])) {
    if (one['run_type'] === 'aggregate') continue
    const name = textOf(one['run_name']) ?? textOf(one['name']) ?? ''
    const value = numberOf(one['real_time'])
    found.add(name, textOf(one['time_unit']), { value, time, label: undefined })
  }
  return { series: found.all(true), leftOutCount: found.leftOutCount }
}

/** Source: hyperfine, `--export-json`: the times of every run of a command, in seconds. */
function hyperfine(results: readonly unknown[]) {
  const found = new SeriesByName()
  for (const result of listOf(results)) {
    const name = textOf(result['command']) ?? ''
    const times = Array.isArray(result['times']) ? result['times'] : [result['mean']]
    for (const one of times)
      found.add(name, 's', { value: numberOf(one), time: undefined, label: undefined })
  }
  return { series: found.all(true), leftOutCount: found.leftOutCount }
}

/** Source: github-action-benchmark, `customBiggerIsBetter` and `customSmallerIsBetter`: one run. */
function resultList(list: readonly unknown[]) {
  const found = new SeriesByName()
  for (const one of listOf(list)) {
    const point = { value: numberOf(one['value']), time: undefined, label: undefined }
    found.add(textOf(one['name']) ?? '', textOf(one['unit']), point)
  }
  return { series: found.all(true), leftOutCount: found.leftOutCount }
}

function isResultList(list: readonly unknown[]): boolean {
  const isResult = (one: unknown) =>
    isObject(one) &&
    typeof one['name'] === 'string' &&
    typeof one['unit'] === 'string' &&
    'value' in one
  return list.length > 0 && list.every(isResult)
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function numberOf(value: unknown): number {
  return numberIn(cellOf(value)) ?? Number.NaN
}

function cellOf(value: unknown): Cell {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined
}
