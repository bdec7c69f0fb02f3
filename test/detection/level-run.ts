import { emptyRows, type LevelRows } from '../../packages/analyzer/src/detect/level/level-rows.ts'
import { addSeries, bet, learn } from '../../packages/analyzer/src/detect/level/level-series.ts'
import { type RandomStream, randomStream } from '../../packages/analyzer/src/stats/random-stream.ts'
import type { Timed } from './families.ts'

/** One in so many values may be a false alarm. */
export const BUDGET = 10_000
/** Values from which the baseline is estimated before anything is judged. */
export const BASELINE_COUNT = 200

/** A series alone under its budget, from an empty baseline on. */
export interface LevelRun {
  /** One row. */
  readonly series: LevelRows
  readonly uniforms: RandomStream
  sequence: number
}

/** A run whose baseline is learned from the next values. */
export function beginRun(values: Iterator<Timed, never>, seed: number): LevelRun {
  const run = { series: emptyRows(1), uniforms: randomStream(seed), sequence: 0 }
  addSeries(run.series, 'positive')
  for (let index = 0; index < BASELINE_COUNT; index += 1)
    learn(run.series, 0, inputOf(run, values.next().value))
  return run
}

/** Whether the series alarms at the next value. */
export function alarms(run: LevelRun, timed: Timed): boolean {
  return bet(run.series, 0, inputOf(run, timed)) >= BUDGET
}

function inputOf(run: LevelRun, { value, unixMs }: Timed) {
  run.sequence += 1
  return { value, unixMs, uniform: run.uniforms(), sequence: run.sequence }
}
