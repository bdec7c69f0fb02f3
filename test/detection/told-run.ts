import type { Counters } from '../../packages/analyzer/src/baseline/counters.ts'
import { appendEntry } from '../../packages/analyzer/src/baseline/history.ts'
import { durationObservation } from '../../packages/analyzer/src/baseline/observation.ts'
import { emptyFlowMemory } from '../../packages/analyzer/src/detect/flow-memory.ts'
import { type Judged, judge } from '../../packages/analyzer/src/detect/regression.ts'
import {
  emptyWatch,
  type RegressionSettings,
} from '../../packages/analyzer/src/detect/regression-watch.ts'
import { unixNsFromMs } from '../../packages/analyzer/src/time/unix-ns.ts'
import type { Timed } from './families.ts'
import { BASELINE_COUNT, BUDGET } from './level-run.ts'

/** A step that a user is told, and after which value (0-based). */
export type Told = Judged['levels'][number] & { readonly index: number }

const settings: RegressionSettings = {
  tenant: 'default',
  flowId: 'study',
  falseAlarmBudgetExecutions: BUDGET,
  minSampleSize: BASELINE_COUNT,
  alertThreshold: 0.1,
  windowSize: 20,
}

/**
 * What a user is told of a flow whose executions take these times, one after the other: evidence of its duration counts half,
 * since the flow's other series share the budget, and the gate of regressions stands behind it.
 */
export function* toldRun(
  values: Iterator<Timed, never>,
  own: Partial<RegressionSettings> = {},
): Generator<readonly Told[], never> {
  const memory = emptyFlowMemory()
  const watch = emptyWatch()
  const counters: Counters = {}
  for (let index = 0; ; index += 1) {
    const { value, unixMs } = values.next().value
    const unixNs = unixNsFromMs(unixMs)
    const ended = { executionId: String(index), startUnixNs: unixNs, endUnixNs: unixNs }
    const observation = durationObservation({ ...ended, durationMs: value })
    const entry = appendEntry(memory.history, observation, counters)
    const shown = { memory, entry, runs: [], flowVersion: undefined }
    const { levels } = judge(watch, shown, { ...settings, ...own }, counters)
    yield levels.map((step) => ({ ...step, index }))
  }
}

/** All that is told of the first `count` values. */
export function toldOf(
  values: Iterator<Timed, never>,
  count: number,
  own: Partial<RegressionSettings> = {},
): Told[] {
  const run = toldRun(values, own)
  return Array.from({ length: count }, () => run.next().value).flat()
}
