import { drawValues, type Family, families } from './families.ts'
import { alarms, BASELINE_COUNT, BUDGET, beginRun } from './level-run.ts'
import { figure } from './report.ts'
import type { Section, StudyOptions } from './section.ts'
import { toldOf } from './told-run.ts'

/** Both forms judge as many: a rate of 1 in 10,000 is not known from less. */
const JUDGED_COUNT = 100_000
/** A run ends here and the next begins with a baseline of its own: most flows live longer. */
const RUN_COUNT = 10_000
/** The first values after a baseline, which knows least. */
const YOUNG_COUNT = 1_000
const MAX_MEAN = 0.7
const MAX_OF_ANY = 1.5

/** How often the level detector alarms over healthy values, and how often a user is told of a change that is none. */
export const falseAlarms: Section = {
  name: 'false-alarms',
  run(options) {
    const rates = families.map((family) => ({
      family,
      ...rawRate(family, options),
      told: toldRate(family, options),
    }))
    const perFamily = rates.map(({ alarmCount }) => perTenThousand(alarmCount, JUDGED_COUNT))
    const mean = perFamily.reduce((sum, rate) => sum + rate, 0) / perFamily.length
    return {
      method: `A budget of one false alarm in ${BUDGET} values. A run learns a baseline of ${BASELINE_COUNT} values and judges the next from the same source until it alarms or has judged ${RUN_COUNT}; then a new run begins with a baseline of its own, until ${JUDGED_COUNT} values are judged. Told: regressions and improvements that \`judge\` opens for a flow of these durations, which begins its baselines itself; it also shares the budget with the flow's other series and demands a change of 10 %.`,
      tables: [
        {
          title: 'False alarms per 10,000 healthy values',
          head: ['family', 'alarms', `in a run's first ${YOUNG_COUNT}`, 'told to a user'],
          rows: rates.map(({ family, alarmCount, young, told }) => [
            family.name,
            figure(perTenThousand(alarmCount, JUDGED_COUNT)),
            figure(perTenThousand(young.alarmCount, young.judgedCount)),
            `${figure(perTenThousand(told.count, told.judgedCount))} (${told.count} in ${told.judgedCount})`,
          ]),
        },
      ],
      claims: [
        {
          sentence: 'mean over the families of false alarms per 10,000 values at a budget of one',
          measured: mean,
          bound: MAX_MEAN,
          side: 'at most',
        },
        {
          sentence: 'the most of them in any family',
          measured: Math.max(...perFamily),
          bound: MAX_OF_ANY,
          side: 'at most',
        },
      ],
    }
  },
}

function rawRate(family: Family, { seed }: StudyOptions) {
  let alarmCount = 0
  let judgedCount = 0
  const young = { alarmCount: 0, judgedCount: 0 }
  for (let index = 0; judgedCount < JUDGED_COUNT; index += 1) {
    const run = rawRun(drawValues(family, seed * 1_000_003 + index), {
      seed: index,
      limit: Math.min(RUN_COUNT, JUDGED_COUNT - judgedCount),
    })
    judgedCount += run.judgedCount
    young.judgedCount += Math.min(run.judgedCount, YOUNG_COUNT)
    if (!run.isAlarm) continue
    alarmCount += 1
    if (run.judgedCount <= YOUNG_COUNT) young.alarmCount += 1
  }
  return { alarmCount, young }
}

function rawRun(
  values: ReturnType<typeof drawValues>,
  { seed, limit }: { seed: number; limit: number },
): { judgedCount: number; isAlarm: boolean } {
  const run = beginRun(values, seed)
  for (let judgedCount = 1; judgedCount <= limit; judgedCount += 1) {
    if (alarms(run, values.next().value)) return { judgedCount, isAlarm: true }
  }
  return { judgedCount: limit, isAlarm: false }
}

function toldRate(
  family: Family,
  { seed, isQuick }: StudyOptions,
): { count: number; judgedCount: number } {
  const runCount = isQuick ? 1 : JUDGED_COUNT / RUN_COUNT
  let count = 0
  const judgedPerRun = isQuick ? RUN_COUNT / 4 : RUN_COUNT
  for (let run = 0; run < runCount; run += 1) {
    const values = drawValues(family, seed * 2_000_003 + run)
    const told = toldOf(values, BASELINE_COUNT + judgedPerRun)
    count += told.filter(({ step }) => step === 'opened').length
  }
  return { count, judgedCount: runCount * judgedPerRun }
}

function perTenThousand(count: number, judgedCount: number): number {
  return (10_000 * count) / judgedCount
}
