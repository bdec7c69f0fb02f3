import { countedKeys, type Histogram } from '../../stats/histogram.ts'

/**
 * Bets that follow the shape of the baseline, whatever it is: a bettor who believes that the values moved by some steps
 * expects them where the baseline's own values would be if each moved so. Plain data.
 *
 *     baseline      ▂▅█▅▂          ▃█▃       two modes
 *     moved by 3       ▂▅█▅▂          ▃█▃    where the baseline is thin, a value that fits the belief pays most
 */
export interface Shape {
  /** Keys at which regions meet: region r holds those in `[borders[r - 1], borders[r])`. */
  readonly borders: readonly number[]
  /** How much of the baseline lies in each region; follows the baseline. */
  readonly counts: number[]
  /** By region, then by bettor: ‰ of the moved baseline that would lie there. */
  readonly shares: readonly number[]
  /** Values in the baseline when this was drawn. */
  readonly total: number
}

/** Masses of the outer regions, from outside in; equal ones lie between them. */
const OUTER_MASSES = [1 / 32, 1 / 16]
const MIDDLE_COUNT = 8
/** An empty stretch of so many usual widths is a region of its own: bets pay best where nothing ever was. */
const GAP_WIDTHS = 6
const MAX_GAP_COUNT = 3
/** The widest gaps of fewer values are wide by chance. */
const MIN_GAP_TOTAL = 100
/** Moves that are tried, in steps: from 2 % to a factor of 16. */
const MOVES = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 27, 33, 40, 50, 62, 76, 92, 115, 140]
/** What a move is worth to who believes in it, in nats per value: found in about 100, 30, 10 and 3 values. */
const WORTHS = [0.08, 0.3, 1, 3]
/** A belief is in a move and those about it: what is true lies between two bettors. */
const SPREAD = [
  { factor: 1, share: 0.5 },
  { factor: 0.75, share: 0.25 },
  { factor: 1.25, share: 0.25 },
]
/** Where values are 0 or 1, a belief is in a factor of the odds. */
const ODDS_FACTORS = [1.5, 3, 10, 50]
/** The part of a stake that is bet; the rest is kept against values that the belief holds impossible. */
export const STAKE_RATIO = 0.95
/**
 * What a value adds to its own region before it is judged. 1 would make every bet exactly fair whatever the baseline; less
 * trusts the baseline more, which finds changes sooner and is paid for once the baseline is large: docs/math/level.md.
 */
export function ownCount(total: number): number {
  return Math.min(Math.max(1 - (0.75 * (total - 100)) / 100, 0.25), 1)
}

/** Bettors: upwards by rising worth, then downwards. */
export const SHAPE_BETTOR_COUNT: number = 2 * WORTHS.length

/** Whether a bettor believes that values became larger. */
export function isUpward(bettor: number): boolean {
  return bettor < WORTHS.length
}

/** Divides a baseline that is not empty into regions, and moves it about. O(span + moves x regions). */
export function drawShape(baseline: Histogram, isRate: boolean): Shape {
  const borders = isRate ? [1] : bordersOf(baseline)
  const below = sharesBelow(baseline)
  const counts = [...borders, Number.POSITIVE_INFINITY].map((border, region) =>
    Math.round((below(border) - below(borders[region - 1] ?? 0)) * baseline.total),
  )
  const beliefs = isRate
    ? movedOdds(counts, baseline.total)
    : movedShares(counts, { borders, below })
  const shares = counts.flatMap((_, region) => beliefs.map((belief) => belief[region] ?? 0))
  // Lists that grew have room to grow.
  return { borders: borders.slice(), counts, shares: shares.slice(), total: baseline.total }
}

/** Index of the region that holds a key. */
export function regionOf({ borders }: Shape, key: number): number {
  let region = 0
  // An index below the length: this runs for every value of every series.
  while (region < borders.length && key >= (borders[region] as number)) region += 1
  return region
}

/** Borders between equal masses, about the whole baseline, and about the widest gaps in it; ascending. */
function bordersOf(baseline: Histogram): number[] {
  const keys = [...countedKeys(baseline)]
  const equal = massBorders(keys, baseline.total)
  const widths = equal.slice(1).map((border, index) => border - (equal[index] ?? 0))
  const usual = widths.sort((a, b) => a - b)[widths.length >> 1] ?? 1
  const gaps = keys
    .slice(1)
    .map(([to], index) => ({ from: (keys[index]?.[0] ?? 0) + 1, to }))
    .filter(({ from, to }) => to - from > GAP_WIDTHS * usual)
    .sort((a, b) => b.to - b.from - (a.to - a.from))
    .slice(0, baseline.total < MIN_GAP_TOTAL ? 0 : MAX_GAP_COUNT)
  const ends = [keys[0]?.[0] ?? 0, (keys.at(-1)?.[0] ?? 0) + 1]
  const all = [...equal, ...ends, ...gaps.flatMap(({ from, to }) => [from, to])]
  return [...new Set(all)].sort((a, b) => a - b)
}

/** Where the baseline's mass is cut as nearly as its steps allow, halfway between the values about each cut. */
function massBorders(keys: readonly (readonly [number, number])[], total: number): number[] {
  const borders: number[] = []
  let cut = 0
  let before = 0
  for (const [index, [key, count]] of keys.entries()) {
    const halfway = Math.ceil((key + (keys[index - 1]?.[0] ?? key)) / 2)
    // A cut goes where it is nearest to its mass: before this key or behind it.
    for (; cut < CUTS.length; cut += 1) {
      const mass = (CUTS[cut] ?? 1) * total
      if (mass - before > before + count - mass) break
      if (before > 0 && borders.at(-1) !== halfway) borders.push(halfway)
    }
    before += count
  }
  return borders
}

/** Shares of the mass below each border, ascending. */
const CUTS: readonly number[] = cutsOf()

function cutsOf(): number[] {
  const outer = OUTER_MASSES.map((_, index) =>
    OUTER_MASSES.slice(0, index + 1).reduce((sum, mass) => sum + mass, 0),
  )
  const inner = outer.at(-1) ?? 0
  const middle = Array.from(
    { length: MIDDLE_COUNT - 1 },
    (_, index) => inner + ((1 - 2 * inner) * (index + 1)) / MIDDLE_COUNT,
  )
  return [...outer, ...middle, ...outer.map((mass) => 1 - mass).reverse()]
}

/** The share of the baseline with keys below one, which may lie anywhere. */
function sharesBelow({ total, zeroCount, firstKey, counts }: Histogram): (key: number) => number {
  const sums = [zeroCount]
  for (const count of counts) sums.push((sums.at(-1) ?? 0) + count)
  return (key) => {
    if (key <= 0) return 0
    const index = Math.min(Math.max(key - firstKey, 0), counts.length)
    return (sums[index] ?? 0) / total
  }
}

interface Regions {
  readonly borders: readonly number[]
  readonly below: (key: number) => number
}

/** ‰ by region for every bettor: the smallest moves that are worth enough, each another. */
function movedShares(counts: readonly number[], regions: Regions): number[][] {
  const ups: number[][] = []
  const downs: number[][] = []
  for (const [index, move] of MOVES.entries()) {
    if (ups.length === WORTHS.length) break
    const up = movedBy(move, regions)
    const down = movedBy(-move, regions)
    const worth = (worthOf(up, counts) + worthOf(down, counts)) / 2
    // The last moves are for bettors who found none worth as much as they seek.
    const isLast = MOVES.length - index <= WORTHS.length - ups.length
    if (worth < (WORTHS[ups.length] ?? 0) && !isLast) continue
    ups.push(toThousandths(up))
    downs.push(toThousandths(down))
  }
  return [...ups, ...downs]
}

/** Share of the moved baseline by region. What is nothing (key 0) stays nothing. */
function movedBy(move: number, { borders, below }: Regions): number[] {
  const upTo = [...borders, Number.POSITIVE_INFINITY].map((border) =>
    border <= 0
      ? 0
      : SPREAD.reduce(
          (sum, { factor, share }) =>
            sum + share * Math.max(below(border - Math.round(factor * move)), below(1)),
          0,
        ),
  )
  return upTo.map((share, region) => share - (upTo[region - 1] ?? 0))
}

/** Mean log payout of a bettor whose belief is true. */
function worthOf(belief: readonly number[], counts: readonly number[]): number {
  const baseline = counts.reduce((sum, count) => sum + count, 0)
  const own = ownCount(baseline)
  return belief.reduce((sum, share, region) => {
    if (share <= 0) return sum
    const payout = (share * (baseline + own)) / ((counts[region] ?? 0) + own)
    return sum + share * Math.log(1 - STAKE_RATIO + STAKE_RATIO * payout)
  }, 0)
}

/** ‰ of zeros and ones, if the odds of a one were so many times as large, or as small. */
function movedOdds(counts: readonly number[], total: number): number[][] {
  const ones = ((counts[1] ?? 0) + 0.5) / (total + 1)
  return [...ODDS_FACTORS, ...ODDS_FACTORS.map((factor) => 1 / factor)].map((factor) => {
    const moved = (factor * ones) / (1 - ones + factor * ones)
    return toThousandths([1 - moved, moved])
  })
}

/** Whole numbers that sum to 1,000: a belief is a distribution. */
function toThousandths(belief: readonly number[]): number[] {
  let sum = 0
  let told = 0
  return belief.map((share) => {
    sum += share
    const next = Math.round(1_000 * sum)
    const thousandths = next - told
    told = next
    return thousandths
  })
}
