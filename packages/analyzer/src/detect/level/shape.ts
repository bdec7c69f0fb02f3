import { countAt, type Histogram, keysOf } from '../../stats/histogram.ts'

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
  readonly counts: readonly number[]
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

/** One more than the borders at the most: between the masses, about the whole and about the gaps. */
export const MAX_REGION_COUNT: number =
  2 * OUTER_MASSES.length + MIDDLE_COUNT + 2 + 2 * MAX_GAP_COUNT

/** Bettors: upwards by rising worth, then downwards. */
export const SHAPE_BETTOR_COUNT: number = 2 * WORTHS.length

/** Whether a bettor believes that values became larger. */
export function isUpward(bettor: number): boolean {
  return bettor < WORTHS.length
}

/** Divides a baseline that is not empty into regions, and moves it about. O(span + moves x regions). */
export function drawShape(baseline: Histogram, isRate: boolean): Shape {
  const mass = massOf(baseline)
  const borders = isRate ? [1] : bordersOf(baseline)
  const regionCount = borders.length + 1
  const counts: number[] = []
  for (let region = 0; region < regionCount; region += 1) {
    const from = borders[region - 1] ?? 0
    const to = borders[region] ?? Number.POSITIVE_INFINITY
    counts.push(Math.round((shareBelow(mass, to) - shareBelow(mass, from)) * baseline.total))
  }
  const beliefs = isRate ? movedOdds(counts, baseline.total) : movedShares(counts, borders, mass)
  const shares: number[] = []
  for (let region = 0; region < regionCount; region += 1)
    for (const belief of beliefs) shares.push(belief[region] ?? 0)
  return { borders, counts, shares, total: baseline.total }
}

/** Borders between equal masses, about the whole baseline, and about the widest gaps in it; ascending. */
function bordersOf(baseline: Histogram): number[] {
  const keys = keysOf(baseline)
  const equal = massBorders(baseline, keys)
  const widths = equal.slice(1).map((border, index) => border - (equal[index] ?? 0))
  const usual = widths.sort((a, b) => a - b)[widths.length >> 1] ?? 1
  const gaps: { from: number; to: number }[] = []
  const canHaveGaps = baseline.total >= MIN_GAP_TOTAL
  for (let index = 1; canHaveGaps && index < keys.length; index += 1) {
    // Indices below the length, here and below.
    const from = (keys[index - 1] as number) + 1
    const to = keys[index] as number
    if (to - from > GAP_WIDTHS * usual) gaps.push({ from, to })
  }
  gaps.sort((a, b) => b.to - b.from - (a.to - a.from))
  const ends = [keys[0] ?? 0, (keys.at(-1) ?? 0) + 1]
  const widest = gaps.slice(0, MAX_GAP_COUNT).flatMap(({ from, to }) => [from, to])
  return [...new Set([...equal, ...ends, ...widest])].sort((a, b) => a - b)
}

/** Where the baseline's mass is cut as nearly as its steps allow, halfway between the values about each cut. */
function massBorders(baseline: Histogram, keys: readonly number[]): number[] {
  const { total } = baseline
  const borders: number[] = []
  let cut = 0
  let before = 0
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as number
    const count = countAt(baseline, key)
    const halfway = Math.ceil((key + (keys[index - 1] ?? key)) / 2)
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

/** How much of a baseline lies below its keys. */
interface Mass {
  readonly firstKey: number
  /** Shares of the baseline below its first key, below the next, …, and below any higher one. */
  readonly upTo: Float64Array
}

function massOf({ total, zeroCount, firstKey, counts }: Histogram): Mass {
  const upTo = new Float64Array(counts.length + 1)
  let sum = zeroCount
  for (let index = 0; index < counts.length; index += 1) {
    upTo[index] = sum / total
    sum += counts[index] as number
  }
  upTo[counts.length] = sum / total
  return { firstKey, upTo }
}

/** The share of the baseline with keys below one, which may lie anywhere. */
function shareBelow({ firstKey, upTo }: Mass, key: number): number {
  if (key <= 0) return 0
  return upTo[Math.min(Math.max(key - firstKey, 0), upTo.length - 1)] as number
}

/** ‰ by region for every bettor: the smallest moves that are worth enough, each another. */
function movedShares(
  counts: readonly number[],
  borders: readonly number[],
  mass: Mass,
): number[][] {
  const ups: number[][] = []
  const downs: number[][] = []
  const up = new Float64Array(counts.length)
  const down = new Float64Array(counts.length)
  for (let index = 0; index < MOVES.length && ups.length < WORTHS.length; index += 1) {
    const move = MOVES[index] as number
    moveBy(move, borders, mass, up)
    moveBy(-move, borders, mass, down)
    const worth = (worthOf(up, counts) + worthOf(down, counts)) / 2
    // The last moves are for bettors who found none worth as much as they seek.
    const isLast = MOVES.length - index <= WORTHS.length - ups.length
    if (worth < (WORTHS[ups.length] ?? 0) && !isLast) continue
    ups.push(toThousandths(up))
    downs.push(toThousandths(down))
  }
  return [...ups, ...downs]
}

/** Writes the share of the moved baseline by region. What is nothing (key 0) stays nothing. */
function moveBy(move: number, borders: readonly number[], mass: Mass, shares: Float64Array): void {
  const nothing = shareBelow(mass, 1)
  let before = 0
  for (let region = 0; region < shares.length; region += 1) {
    const border = borders[region] ?? Number.POSITIVE_INFINITY
    let upTo = 0
    for (let index = 0; border > 0 && index < SPREAD.length; index += 1) {
      const { factor, share } = SPREAD[index] as (typeof SPREAD)[number]
      upTo += share * Math.max(shareBelow(mass, border - Math.round(factor * move)), nothing)
    }
    shares[region] = upTo - before
    before = upTo
  }
}

/** Mean log payout of a bettor whose belief is true. */
function worthOf(belief: Float64Array, counts: readonly number[]): number {
  let baseline = 0
  for (let region = 0; region < counts.length; region += 1) baseline += counts[region] as number
  const own = ownCount(baseline)
  let worth = 0
  for (let region = 0; region < counts.length; region += 1) {
    const share = belief[region] as number
    if (share <= 0) continue
    const payout = (share * (baseline + own)) / ((counts[region] as number) + own)
    worth += share * Math.log(1 - STAKE_RATIO + STAKE_RATIO * payout)
  }
  return worth
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
function toThousandths(belief: ArrayLike<number>): number[] {
  const thousandths: number[] = []
  let sum = 0
  let told = 0
  for (let region = 0; region < belief.length; region += 1) {
    sum += belief[region] as number
    const next = Math.round(1_000 * sum)
    thousandths.push(next - told)
    told = next
  }
  return thousandths
}
