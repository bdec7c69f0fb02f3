import { changePoints } from '../../packages/analyzer/src/detect/offline/change-points.ts'
import { annotate } from './annotators.ts'
import { eDivisive } from './e-divisive.ts'
import { drawHistory, type History } from './histories.ts'
import { pelt } from './pelt.ts'
import { figure } from './report.ts'
import type { Section, StudyOptions } from './section.ts'
import { coverScore, f1Score } from './segmentation-score.ts'

/** A change point this near to the truth is right. */
const MARGIN = 5

type Method = (values: readonly number[]) => readonly number[]

/** The shipped one with its defaults, and independent ones on the same data. */
const methods: Readonly<Record<string, Method>> = {
  shipped: (values) => changePoints(values).changePoints.map(({ index }) => index),
  'PELT, penalty 3 log n': (values) => pelt(values, { penaltyFactor: 3, minLength: 2 }),
  'PELT of logs, penalty 12 log n, levels of 5': (values) =>
    pelt(values.map(Math.log), { penaltyFactor: 12, minLength: 5 }),
  'E-divisive, windows of 50, p 0.001': (values) => eDivisive(values, { maxP: 0.001 }),
  'no change point at all': () => [],
}

/** Means over all histories; alarms over the calm ones. */
interface Scores {
  readonly f1: number
  readonly cover: number
  readonly f1OfAnnotators: number
  readonly coverOfAnnotators: number
  readonly alarmRatio: number
}

/** Change points of recorded histories. */
export const offline: Section = {
  name: 'offline change points',
  run(options) {
    const count = options.isQuick ? 250 : 2_000
    const changed = draw(count, options, false)
    const calm = draw(count, options, true)
    const rows = Object.entries(methods).map(([name, method]) => ({
      name,
      scores: scoresOf(method, { changed, calm, seed: options.seed }),
    }))
    const [shipped, ...others] = rows.map(({ scores }) => scores)
    const bestOther = Math.max(...others.map(({ f1OfAnnotators }) => f1OfAnnotators))
    return {
      method: `${count} histories with steps and ${count} without, 40 to 600 values, CV 3-30 %, steps of 3-50 %; of each half with outliers (up to 4 %), with drift (up to ±20 %), with AR(1) noise (up to 0.6), 30 % with heavy tails (t with 4 degrees of freedom). F1 (margin ${MARGIN}) and cover as van den Burg and Williams (2020) define them, against all planted steps, also those too small for anyone to see, and against five simulated annotators each.`,
      tables: [scoreTable(rows), calmTable(calm)],
      claims: [
        {
          sentence: 'mean F1 of the shipped configuration against the planted steps',
          measured: shipped?.f1 ?? Number.NaN,
          bound: 0.72,
          side: 'at least',
        },
        {
          sentence: 'its mean F1 over five annotators less that of the best other method',
          measured: (shipped?.f1OfAnnotators ?? Number.NaN) - bestOther,
          bound: 0,
          side: 'at least',
        },
        {
          sentence: 'share of unchanged histories that are given a change point',
          measured: shipped?.alarmRatio ?? Number.NaN,
          bound: 0.05,
          side: 'at most',
        },
      ],
    }
  },
}

function draw(count: number, { seed }: StudyOptions, isCalm: boolean): readonly History[] {
  const first = 1_000_000 * seed + (isCalm ? 500_000 : 0)
  return Array.from({ length: count }, (_, index) => drawHistory(first + index, { isCalm }))
}

function scoresOf(
  method: Method,
  { changed, calm, seed }: { changed: readonly History[]; calm: readonly History[]; seed: number },
): Scores {
  const all = changed.map((history, index) => {
    const found = method(history.values)
    const truth = [history.steps.map((step) => step.index)]
    const annotations = annotate(history, 1_000_000 * seed + index)
    const count = history.values.length
    return {
      f1: f1Score(truth, found, MARGIN),
      cover: coverScore(truth, found, count),
      f1OfAnnotators: f1Score(annotations, found, MARGIN),
      coverOfAnnotators: coverScore(annotations, found, count),
    }
  })
  const mean = (name: keyof (typeof all)[number]) =>
    all.reduce((sum, one) => sum + one[name], 0) / all.length
  const alarms = calm.filter(({ values }) => method(values).length > 0)
  return {
    f1: mean('f1'),
    cover: mean('cover'),
    f1OfAnnotators: mean('f1OfAnnotators'),
    coverOfAnnotators: mean('coverOfAnnotators'),
    alarmRatio: alarms.length / calm.length,
  }
}

function scoreTable(rows: readonly { name: string; scores: Scores }[]) {
  return {
    title: 'The same histories, several methods:',
    head: ['method', 'F1', 'cover', 'F1, annotators', 'cover, annotators', 'unchanged with one'],
    rows: rows.map(({ name, scores }) => [name, ...Object.values(scores).map(figure)]),
  }
}

/** Which traits mislead the shipped one. */
function calmTable(calm: readonly History[]) {
  const kinds: Readonly<Record<string, (history: History) => boolean>> = {
    'white, normal, no outliers, no drift': ({ traits }) =>
      traits.correlation === 0 &&
      traits.tail === 'normal' &&
      traits.outlierRatio === 0 &&
      traits.driftRatio === 0,
    'correlated by more than 0.3': ({ traits }) => traits.correlation > 0.3,
    'heavy tails': ({ traits }) => traits.tail === 'heavy',
    outliers: ({ traits }) => traits.outlierRatio > 0,
    'drift of more than the noise': ({ traits, noiseRatio }) =>
      Math.abs(traits.driftRatio) > noiseRatio,
    'fewer than 100 values': ({ values }) => values.length < 100,
  }
  return {
    title: 'Unchanged histories that the shipped one gives a change point, by what is awkward:',
    head: ['histories', 'number', 'share'],
    rows: Object.entries(kinds).map(([name, isOne]) => {
      const some = calm.filter(isOne)
      const alarms = some.filter(({ values }) => changePoints(values).changePoints.length > 0)
      return [name, `${some.length}`, figure(alarms.length / some.length)]
    }),
  }
}
