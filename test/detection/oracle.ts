import { normalShare } from '../../packages/analyzer/src/stats/normal.ts'
import { drawValues, type Family, seasonLevel, type Timed } from './families.ts'

/**
 * The optimal detector of one change: CUSUM over the log likelihood ratio of the two distributions, both of which it
 * knows, the echo and the season included. Nothing with its run length finds that change sooner.
 *
 * Sources: Page, "Continuous inspection schemes", Biometrika 41 (1954); Moustakides, Ann. Statist. 14 (1986).
 */
export interface Oracle {
  readonly logRatio: LogRatio
  /** Its sum at which it alarms. */
  readonly threshold: number
}

/** Log of how much more likely a value is after the change than before; remembers the value before. */
type LogRatio = () => (timed: Timed) => number

/** The oracle of a family whose level is multiplied, with one false alarm in `runLength` values. */
export function oracleOf(
  family: Family,
  level: number,
  { runLength, count, seed }: { runLength: number; count: number; seed: number },
): Oracle {
  const logRatio = logRatioOf(family.name, level)
  // Between two returns to 0 the sum has one maximum: alarms at h come as often as maxima beyond it.
  const maxima: number[] = []
  const next = logRatio()
  let sum = 0
  let most = 0
  const values = drawValues(family, seed)
  for (let index = 0; index < count; index += 1) {
    sum = Math.max(0, sum + next(values.next().value))
    most = Math.max(most, sum)
    if (sum > 0 || most === 0) continue
    maxima.push(most)
    most = 0
  }
  maxima.sort((a, b) => b - a)
  const rank = Math.max(1, Math.round(count / runLength))
  const threshold = ((maxima[rank - 1] ?? 0) + (maxima[rank] ?? 0)) / 2
  return { logRatio, threshold }
}

/** Values from the change to the alarm, which may be the first; the sum begins anew at an alarm before the change. */
export function oracleDelay(
  { logRatio, threshold }: Oracle,
  { values, changeAt, limit }: { values: Iterator<Timed, never>; changeAt: number; limit: number },
): number {
  const next = logRatio()
  let sum = 0
  for (let index = 0; index < changeAt + limit; index += 1) {
    sum = Math.max(0, sum + next(values.next().value))
    if (sum < threshold) continue
    if (index >= changeAt) return index - changeAt + 1
    sum = 0
  }
  return Number.POSITIVE_INFINITY
}

function logRatioOf(name: string, level: number): LogRatio {
  const shift = Math.log(level)
  const plain = (ratio: (value: number) => number) => () => (timed: Timed) => ratio(timed.value)
  const lognormal = (coefficientOfVariation: number) =>
    plain(normalRatio(Math.sqrt(Math.log1p(coefficientOfVariation ** 2)), shift))
  switch (name) {
    case 'Gaussian, CV 0.1':
      return plain((x) => ((x - 100) / 10) ** 2 / 2 - ((x / level - 100) / 10) ** 2 / 2 - shift)
    case 'lognormal, CV 0.1':
      return lognormal(0.1)
    case 'lognormal, CV 0.3':
    case 'low traffic':
      return lognormal(0.3)
    case 'lognormal, CV 1':
      return lognormal(1)
    case 'gamma, shape 4':
      return plain((x) => (x / 25) * (1 - 1 / level) - 4 * shift)
    case 'Pareto tail 1.5':
      return plain((x) => (x < 50 * level ? Number.NEGATIVE_INFINITY : 1.5 * shift))
    case 'bimodal':
      return plain((x) => Math.log(bimodalMass(x / level) / bimodalMass(x)))
    case 'AR(1) 0.5':
      return autoregressiveRatio(shift)
    case 'hour-of-day season': {
      const ratio = normalRatio(0.1, shift)
      return () => (timed) => ratio((100 * timed.value) / seasonLevel(timed.unixMs))
    }
    case 'integer ms':
      return plain((x) => Math.log(roundedMass(x, 5 * level) / roundedMass(x, 5)))
    default:
      throw new Error(`no oracle for the family '${name}'`)
  }
}

/** Of logs about log 100 that move by `shift`. */
function normalRatio(sigma: number, shift: number): (value: number) => number {
  return (value) => (shift * (Math.log(value / 100) - shift / 2)) / sigma ** 2
}

function bimodalMass(value: number): number {
  const log = Math.log(value)
  const mode = (middle: number) => Math.exp(-(((log - Math.log(middle)) / 0.05) ** 2) / 2)
  return 0.6 * mode(50) + 0.4 * mode(200) + 1e-300
}

/** Of what each log adds to half of the one before: the level it would settle at moves by `shift`. */
function autoregressiveRatio(shift: number): LogRatio {
  const [keep, sigma] = [0.5, 0.3 * Math.sqrt(0.75)]
  const moved = (1 - keep) * shift
  return () => {
    let before = 0
    return ({ value }) => {
      const log = Math.log(value / 100)
      const news = log - keep * before
      before = log
      return (moved * (news - moved / 2)) / sigma ** 2
    }
  }
}

/** Mass of a rounded lognormal with sigma 0.3 at a whole number. */
function roundedMass(value: number, middle: number): number {
  const below = (edge: number) => (edge <= 0 ? 0 : normalShare(Math.log(edge / middle) / 0.3))
  return Math.max(below(value + 0.5) - below(value - 0.5), 1e-12)
}
