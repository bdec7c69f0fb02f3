import { median } from '../../packages/analyzer/src/stats/median-change.ts'
import { drawValues, type Family, families } from './families.ts'
import { alarms, BASELINE_COUNT, BUDGET, beginRun } from './level-run.ts'
import { oracleDelay, oracleOf } from './oracle.ts'
import { figure } from './report.ts'
import type { Claim, Section, StudyOptions, StudyTable } from './section.ts'
import { toldRun } from './told-run.ts'

/** Levels after the change, as factors. */
const LEVELS = [1.05, 1.1, 1.25, 1.5, 2]
/** Cells in which the oracle needs more are out of reach for anyone who must act soon. */
const MAX_ORACLE_DELAY = 60
const GLANCE_COUNT = 50_000
const GLANCE_RUN_COUNT = 51
/** A change that is not found by then is as good as never found. */
const LIMIT = 300
/** A level must last so long before a user is told: `confirm.ts`. */
const GATE_COUNT = 7
/** Tells the smallest change as soon as it is sure to be one. */
const ANY_CHANGE = { alertThreshold: 0 }

const CLAIMS = [
  { kind: 'unimodal', bound: 2 },
  { kind: 'autocorrelated', bound: 1.6 },
  { kind: 'bimodal', bound: 4.4 },
] as const

interface Cell {
  readonly family: Family
  readonly level: number
  readonly oracle: number
  readonly alarm: number
  readonly told: number
}

/** How long a change of level stays unknown, beside a detector that knows both distributions. */
export const delay: Section = {
  name: 'delay',
  run(options) {
    const cells = families.flatMap((family) =>
      LEVELS.map((level) => cellOf(family, level, options)).filter((cell) => cell !== undefined),
    )
    return {
      method: `${BASELINE_COUNT} values in control, of which the detector learns its baseline, then the level is multiplied. Median number of values from there to the alarm at a budget of one in ${BUDGET}, over ${runCounts(options).alarm} runs, beside the CUSUM that knows both distributions (echo and season included), whose threshold gives it one false alarm in ${BUDGET} over ${runCounts(options).oracle} values. Cells in which it needs more than ${MAX_ORACLE_DELAY} are left out. Told: until \`judge\` opens the regression of a flow of these durations, over ${runCounts(options).told} runs, where any change is large enough; half of the budget is the duration's, and a level must have lasted ${GATE_COUNT} executions.`,
      tables: [table(cells)],
      claims: CLAIMS.map(({ kind, bound }) => claimOf(kind, bound, cells)),
    }
  },
}

function cellOf(family: Family, level: number, options: StudyOptions): Cell | undefined {
  const { seed } = options
  const counts = runCounts(options)
  const levelAt = (index: number) => (index < BASELINE_COUNT ? 1 : level)
  const valuesOf = (run: number) => drawValues(family, seed * 3_000_017 + run, levelAt)
  const medianOf = (count: number, measure: (run: number) => number) =>
    median(Array.from({ length: count }, (_, run) => measure(run)))
  const best = (count: number, runCount: number) => {
    const oracle = oracleOf(family, level, { runLength: BUDGET, count, seed })
    return medianOf(runCount, (run) =>
      oracleDelay(oracle, { values: valuesOf(run), changeAt: BASELINE_COUNT, limit: LIMIT }),
    )
  }
  // A glance first: most of the time would go into oracles of cells that are out of reach.
  if (best(GLANCE_COUNT, GLANCE_RUN_COUNT) > 1.5 * MAX_ORACLE_DELAY) return undefined
  const oracle = best(counts.oracle, counts.oracleRuns)
  if (oracle > MAX_ORACLE_DELAY) return undefined
  return {
    family,
    level,
    oracle,
    alarm: medianOf(counts.alarm, (run) => alarmDelay(valuesOf(run), run)),
    told: medianOf(counts.told, (run) => toldDelay(valuesOf(run))),
  }
}

function runCounts({ isQuick }: StudyOptions) {
  return isQuick
    ? { oracle: 600_000, oracleRuns: 301, alarm: 301, told: 1 }
    : { oracle: 2_000_000, oracleRuns: 1_001, alarm: 501, told: 51 }
}

function alarmDelay(values: ReturnType<typeof drawValues>, seed: number): number {
  const run = beginRun(values, seed)
  for (let count = 1; count <= LIMIT; count += 1) if (alarms(run, values.next().value)) return count
  return Number.POSITIVE_INFINITY
}

function toldDelay(values: ReturnType<typeof drawValues>): number {
  const run = toldRun(values, ANY_CHANGE)
  for (let count = 1 - BASELINE_COUNT; count <= LIMIT; count += 1) {
    const isTold = run.next().value.some(({ step }) => step === 'opened')
    if (isTold && count > 0) return count
  }
  return Number.POSITIVE_INFINITY
}

function table(cells: readonly Cell[]): StudyTable {
  return {
    title: 'Values to the alarm, median',
    head: ['family', 'level', 'oracle', 'alarm', 'ratio', 'told to a user'],
    rows: cells.map(({ family, level, oracle, alarm, told }) => [
      family.name,
      `+${figure(100 * (level - 1))} %`,
      figure(oracle),
      figure(alarm),
      figure(alarm / oracle),
      figure(told),
    ]),
  }
}

function claimOf(kind: Family['kind'], bound: number, cells: readonly Cell[]): Claim {
  const ratios = cells
    .filter(({ family }) => family.kind === kind)
    .map(({ alarm, oracle }) => alarm / oracle)
  return {
    sentence: `mean ratio of the median delay to the oracle's, ${kind} families`,
    measured: ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length,
    bound,
    side: 'at most',
  }
}
