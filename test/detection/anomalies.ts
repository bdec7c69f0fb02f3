import {
  type AnomalySeries,
  anomalySeriesOf,
  judgeValue,
} from '../../packages/analyzer/src/detect/anomaly/anomaly-series.ts'
import { normalTail, normalTailPoint } from '../../packages/analyzer/src/stats/normal-tail.ts'
import { normal, randomStream } from '../../packages/analyzer/src/stats/random-stream.ts'
import { drawValues, type Family, families } from './families.ts'
import { figure } from './report.ts'
import type { Claim, Section, StudyOptions } from './section.ts'

const BASELINE_COUNT = 200
/** The full length in both forms: a rate of 1 in 1,000 is not known from less. */
const JUDGED_COUNT = 100_000
const MAX_PER_10_000 = 10
/** Logs of a lognormal whose coefficient of variation is 0.3. */
const SIGMA = Math.sqrt(Math.log1p(0.3 ** 2))
const FACTORS = [3, 5]

/** How often healthy executions are told as anomalies, and how often slow ones. */
export const anomalies: Section = {
  name: 'anomalies',
  run(options) {
    const rates = families.map((family) => ({ family, ...rateOf(family, options) }))
    const powers = POWER_COUNTS.map((count) => ({ count, ...powerAfter(count, options) }))
    const incident = incidentOf(options)
    return {
      method: `A baseline of ${BASELINE_COUNT} values, then ${JUDGED_COUNT} more from the same source through \`judgeValue\`, which learns as it goes; every verdict counts. Power: after so many healthy lognormal values (CV 0.3), copies of the series judge a value multiplied by the factor; the Neyman-Pearson test knows the distribution and tells 10 in 10,000 healthy ones.`,
      tables: [
        {
          title: 'Verdicts on healthy values',
          head: ['family', 'per 10,000', 'worst run', 'in the first 1,000, mean'],
          rows: rates.map(({ family, mean, worst, early }) => [
            family.name,
            figure(mean),
            figure(worst),
            figure(early),
          ]),
        },
        {
          title: 'Power on lognormal, CV 0.3, beside the Neyman-Pearson test',
          head: ['after values', ...FACTORS.flatMap((factor) => [`x${factor}`, 'of optimal'])],
          rows: powers.map(({ count, shares }) => [
            `${count}`,
            ...shares.flatMap(({ share, ofOptimal }) => [figure(share), figure(ofOptimal)]),
          ]),
        },
        {
          title: 'Sequences that are not healthy, told',
          head: ['what', 'mean', 'most'],
          rows: incident.map(({ what, mean, most }) => [what, figure(mean), figure(most)]),
        },
      ],
      claims: [...rateClaims(rates), ...powerClaims(powers), ...incidentClaims(incident)],
    }
  },
}

interface Rate {
  readonly family: Family
  readonly mean: number
  readonly worst: number
  readonly early: number
}

function rateOf(family: Family, { isQuick, seed }: StudyOptions): Omit<Rate, 'family'> {
  const runs = Array.from({ length: isQuick ? 1 : 10 }, (_, run) => {
    const values = drawValues(family, seed * 1_000 + run)
    const next = () => values.next().value.value
    const series = anomalySeriesOf(Array.from({ length: BASELINE_COUNT }, next))
    let [told, early] = [0, 0]
    for (let i = 0; i < JUDGED_COUNT; i += 1) {
      if (judgeValue(series, next()).kind !== 'anomaly') continue
      told += 1
      if (i < 1_000) early += 1
    }
    return { told: (told / JUDGED_COUNT) * 10_000, early }
  })
  const tolds = runs.map(({ told }) => told)
  return { mean: meanOf(tolds), worst: Math.max(...tolds), early: meanOf(runs.map((r) => r.early)) }
}

function rateClaims(rates: readonly Rate[]): Claim[] {
  return rates.map(({ family, worst }) => ({
    sentence: `${family.name}: at most ${MAX_PER_10_000} verdicts per 10,000 healthy values in every run of 100,000`,
    measured: worst,
    bound: MAX_PER_10_000,
    side: 'at most',
  }))
}

const POWER_COUNTS = [30, 100, 200, 1_000, 5_000]

interface Power {
  readonly count: number
  readonly shares: readonly { factor: number; share: number; ofOptimal: number }[]
}

/** Outliers are judged by copies, so that the series sees healthy values only. */
function powerAfter(count: number, { isQuick, seed }: StudyOptions): Omit<Power, 'count'> {
  const runCount = (isQuick ? 200 : 2_000) / (count > 1_000 ? 4 : 1)
  const toldCounts = FACTORS.map(() => 0)
  const trialCount = 20
  for (let run = 0; run < runCount; run += 1) {
    const random = randomStream(seed * 100_003 + run)
    const draw = () => 100 * Math.exp(SIGMA * normal(random))
    const series = anomalySeriesOf(Array.from({ length: Math.min(count, BASELINE_COUNT) }, draw))
    for (let i = BASELINE_COUNT; i < count; i += 1) judgeValue(series, draw())
    for (let trial = 0; trial < trialCount; trial += 1) {
      const value = draw()
      for (const [index, factor] of FACTORS.entries())
        if (isTold(series, factor * value)) toldCounts[index] = (toldCounts[index] ?? 0) + 1
    }
  }
  const shares = FACTORS.map((factor, index) => {
    const share = (toldCounts[index] ?? 0) / (runCount * trialCount)
    const z = normalTailPoint(MAX_PER_10_000 / 10_000) - Math.log(factor) / SIGMA
    return { factor, share, ofOptimal: share / normalTail(z) }
  })
  return { shares }
}

function isTold(series: AnomalySeries, value: number): boolean {
  return judgeValue(structuredClone(series), value).kind === 'anomaly'
}

function powerClaims(powers: readonly Power[]): Claim[] {
  return powers
    .filter(({ count }) => count >= BASELINE_COUNT)
    .flatMap(({ count, shares }) =>
      shares.map(({ factor, ofOptimal }) => ({
        sentence: `lognormal, CV 0.3, after ${count} values: x${factor} outliers are told at least 0.9 times as often as by the Neyman-Pearson test`,
        measured: ofOptimal,
        bound: 0.9,
        side: 'at least' as const,
      })),
    )
}

interface Incident {
  readonly what: string
  readonly mean: number
  readonly most: number
  readonly least: number
}

/** After 1,000 healthy values: ten slow ones in a row, 300 healthy, one slow; or a new level for 5,000. */
function incidentOf({ isQuick, seed }: StudyOptions): Incident[] {
  const after = (judgeAll: (judge: (factor: number) => number) => number) =>
    Array.from({ length: isQuick ? 20 : 200 }, (_, run) => {
      const random = randomStream(seed * 7_001 + run)
      const draw = () => 100 * Math.exp(SIGMA * normal(random))
      const series = anomalySeriesOf(Array.from({ length: 1_000 }, draw))
      return judgeAll((factor) => (judgeValue(series, factor * draw()).kind === 'anomaly' ? 1 : 0))
    })
  const row = (what: string, counts: number[]) => {
    const [most, least] = [Math.max(...counts), Math.min(...counts)]
    return { what, mean: meanOf(counts), most, least }
  }
  const repeat = (count: number, judge: () => number) => {
    let told = 0
    for (let i = 0; i < count; i += 1) told += judge()
    return told
  }
  return [
    row(
      'ten of x8 in a row',
      after((judge) => repeat(10, () => judge(8))),
    ),
    row(
      'one of x8, 600 executions after ten',
      after((judge) => {
        repeat(10, () => judge(8))
        repeat(600, () => judge(1))
        return judge(8)
      }),
    ),
    row(
      'a new level, x3, 5,000 executions without a new baseline',
      after((judge) => repeat(5_000, () => judge(3))),
    ),
  ]
}

function incidentClaims([row, later, level]: readonly Incident[]): Claim[] {
  return [
    {
      sentence: 'of ten x8 outliers in a row at least nine are told, on average',
      measured: row?.mean ?? Number.NaN,
      bound: 9,
      side: 'at least',
    },
    {
      sentence: 'they do not make an x8 outlier normal: 600 executions later nine in ten are told',
      measured: later?.mean ?? Number.NaN,
      bound: 0.9,
      side: 'at least',
    },
    {
      sentence: 'a new level of x3 is told as at most 30 anomalies in 5,000 executions',
      measured: level?.most ?? Number.NaN,
      bound: 30,
      side: 'at most',
    },
  ]
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
