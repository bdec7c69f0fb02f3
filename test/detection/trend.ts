import { emptyHeapWatch, noteHeap } from '../../packages/analyzer/src/detect/heap-watch.ts'
import { driftOf, driftSeriesOf } from '../../packages/analyzer/src/detect/trend/drift.ts'
import { forecast } from '../../packages/analyzer/src/detect/trend/forecast.ts'
import { slopeOf } from '../../packages/analyzer/src/detect/trend/slope.ts'
import {
  normal,
  type RandomStream,
  randomStream,
} from '../../packages/analyzer/src/stats/random-stream.ts'
import { drawValues, type Family, families } from './families.ts'
import { autoregressive, type HeapShape, heapShapes } from './heap-shapes.ts'
import { figure } from './report.ts'
import type { Claim, Section, StudyOptions } from './section.ts'

const lognormal = families.filter(({ name }) => name === 'lognormal, CV 0.3')

/** Whether slopes, leaks and forecasts are what they say. */
export const trend: Section = {
  name: 'trend',
  run(options) {
    const slopes = noises.flatMap((noise) => [40, 128].map((n) => slopeRow(noise, n, options)))
    const heaps = heapShapes.map((shape) => heapRow(shape, options))
    const drifts = [
      ...families.map((family) => driftRow(family, 0, options)),
      ...lognormal.map((family) => driftRow(family, 0.15, options)),
    ]
    return {
      method: `Slopes and forecasts: n points a minute apart on a line that rises by 5 % of the noise's deviation a minute; the limit is reached at twice the time. A forecast is judged where there is one, open ends included. Heaps: one collection a minute for ${WATCHED_HOURS} hours through \`noteHeap\`, noise of 3 %; told is the first \`opened\`. A heap that comes back after hours looks like a leak until then: no claim is made on it.`,
      tables: [
        {
          title: 'Share of 95 % intervals that hold the truth',
          head: ['noise', 'points', 'slope', 'forecast', 'forecasts with an open end'],
          rows: slopes.map((row) => [
            row.noise,
            `${row.n}`,
            figure(row.covered),
            figure(row.forecastCovered),
            figure(row.open),
          ]),
        },
        {
          title: 'Heaps told as leaks',
          head: ['heap', 'share told', 'median hours until then'],
          rows: heaps.map((row) => [row.name, figure(row.told), figure(row.medianHours)]),
        },
        {
          title: 'Durations told to drift, at one look after 5,000 executions',
          head: ['family', 'drift over that time', 'share told'],
          rows: drifts.map((row) => [row.family, figure(row.ratio), figure(row.told)]),
        },
      ],
      claims: [...slopeClaims(slopes), ...heapClaims(heaps), ...driftClaims(drifts)],
    }
  },
}

interface Noise {
  readonly name: string
  readonly leastCovered: number
  source(random: RandomStream): () => number
}

const noises: readonly Noise[] = [
  { name: 'normal', leastCovered: 0.93, source: (random) => () => normal(random) },
  {
    name: 'heavy tails (t with 2 degrees of freedom)',
    leastCovered: 0.93,
    source: (random) => () => normal(random) / Math.sqrt(-Math.log(1 - random())),
  },
  {
    name: 'AR(1) 0.5',
    leastCovered: 0.9,
    source: (random) => autoregressive(random, 0.5),
  },
]

interface SlopeRow {
  readonly noise: string
  readonly leastCovered: number
  readonly n: number
  readonly covered: number
  readonly forecastCovered: number
  readonly open: number
}

function slopeRow(noise: Noise, n: number, { isQuick, seed }: StudyOptions): SlopeRow {
  const runCount = isQuick ? 600 : 4_000
  const perMs = 0.05 / MINUTE_MS
  let [covered, answered, forecastCovered, open] = [0, 0, 0, 0]
  for (let run = 0; run < runCount; run += 1) {
    const next = noise.source(randomStream(seed * 50_021 + run))
    const points = Array.from({ length: n }, (_, minute) => ({
      unixMs: minute * MINUTE_MS,
      value: 0.05 * minute + next(),
    }))
    const slope = slopeOf(points)
    if (slope === undefined) continue
    if (slope.low <= perMs && perMs <= slope.high) covered += 1
    const atMs = 2 * n * MINUTE_MS
    const found = forecast(slope, perMs * atMs)
    if (found === undefined) continue
    answered += 1
    if (found.latestUnixMs === undefined) open += 1
    const isBelow = atMs <= (found.latestUnixMs ?? Number.POSITIVE_INFINITY)
    if (found.earliestUnixMs <= atMs && isBelow) forecastCovered += 1
  }
  return {
    noise: noise.name,
    leastCovered: noise.leastCovered,
    n,
    covered: covered / runCount,
    forecastCovered: forecastCovered / answered,
    open: open / answered,
  }
}

function slopeClaims(rows: readonly SlopeRow[]): Claim[] {
  return rows.flatMap(({ noise, n, covered, forecastCovered, leastCovered }) =>
    [
      { what: 'slope', measured: covered },
      { what: 'forecast', measured: forecastCovered },
    ].map(({ what, measured }) => ({
      sentence: `${noise}, ${n} points: the 95 % interval of the ${what} holds the truth in at least ${leastCovered * 100} % of cases`,
      measured,
      bound: leastCovered,
      side: 'at least' as const,
    })),
  )
}

/** 5,000 executions whose level moves by a ratio from the first to the last, on a straight line. */
function driftRow(family: Family, ratio: number, { isQuick, seed }: StudyOptions) {
  const [runCount, valueCount] = [isQuick ? 100 : 2_000, 5_000]
  let told = 0
  for (let run = 0; run < runCount; run += 1) {
    const values = drawValues(family, seed * 70_001 + run)
    const points = Array.from({ length: valueCount }, (_, index) => {
      const { unixMs, value } = values.next().value
      return { unixMs, value: value * (1 + (ratio * index) / valueCount) }
    })
    if (driftOf(driftSeriesOf(points)) !== undefined) told += 1
  }
  return { family: family.name, ratio, told: told / runCount }
}

function driftClaims(rows: readonly ReturnType<typeof driftRow>[]): Claim[] {
  return rows.map(({ family, ratio, told }) =>
    ratio === 0
      ? {
          sentence: `${family}: a healthy flow is told to drift in at most 2 % of looks`,
          measured: told,
          bound: 0.02,
          side: 'at most',
        }
      : {
          sentence: `${family}: a drift of ${ratio * 100} % over 5,000 executions is told in at least 95 % of cases`,
          measured: told,
          bound: 0.95,
          side: 'at least',
        },
  )
}

const MINUTE_MS = 60_000
const WATCHED_HOURS = 24
const MB = 2 ** 20

interface HeapRow {
  readonly name: string
  readonly kind: HeapShape['kind']
  readonly told: number
  readonly medianHours: number
}

function heapRow(shape: HeapShape, { isQuick, seed }: StudyOptions): HeapRow {
  const runCount = isQuick ? 40 : 400
  const toldHours = Array.from({ length: runCount }, (_, run) => {
    const random = randomStream(seed * 9_001 + run)
    const levelMb = shape.source(random)
    const watch = emptyHeapWatch()
    for (let minute = 0; minute < WATCHED_HOURS * 60; minute += 1) {
      const bytes = levelMb(minute / 60) * MB * (1 + 0.03 * normal(random))
      const step = noteHeap(watch, { unixMs: minute * MINUTE_MS, bytes })
      if (step?.step === 'opened') return minute / 60
    }
    return Number.POSITIVE_INFINITY
  })
  const told = toldHours.filter((hours) => Number.isFinite(hours)).sort((a, b) => a - b)
  return {
    name: shape.name,
    kind: shape.kind,
    told: told.length / runCount,
    medianHours: told[told.length >> 1] ?? Number.NaN,
  }
}

function heapClaims(rows: readonly HeapRow[]): Claim[] {
  const judged = rows.filter(({ kind }) => kind !== 'unclear')
  return judged.map(({ name, kind, told }) =>
    kind === 'leak'
      ? {
          sentence: `${name}: told in at least 95 % of cases`,
          measured: told,
          bound: 0.95,
          side: 'at least',
        }
      : {
          sentence: `${name}: told as a leak in at most 5 % of days`,
          measured: told,
          bound: 0.05,
          side: 'at most',
        },
  )
}
