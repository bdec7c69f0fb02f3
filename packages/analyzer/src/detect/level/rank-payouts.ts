import { normalQuantile, normalShare } from '../../stats/normal.ts'

/**
 * What bettors on ranks believe: that the level moved by so many standard deviations of a normal distribution. What a rank
 * is worth while nothing changes does not depend on the values' shape; the belief only says where to bet.
 */
const SHIFTS = [0.5, 1.1, 2.8, -0.5, -1.1, -2.8]
/** Ranks are told apart in so many equal cells. */
const CELL_COUNT = 512
/** Kept back from every bet, so that one unlikely value does not ruin a bettor. */
const KEPT_RATIO = 0.03

export const RANK_BETTOR_COUNT: number = SHIFTS.length

/** Payouts by cell of ranks, then by bettor; each bettor's mean over the cells is 1. */
export const RANK_PAYOUTS: Float64Array = payoutsByCell()

/** Index of the first payout for a rank in (0, 1). */
export function payoutsAt(rank: number): number {
  return Math.min(Math.floor(rank * CELL_COUNT), CELL_COUNT - 1) * RANK_BETTOR_COUNT
}

/** The mass of a shifted normal distribution between quantiles of one that is not, over the mass that this one has there. */
function payoutsByCell(): Float64Array {
  const payouts = new Float64Array(CELL_COUNT * SHIFTS.length)
  for (let cell = 0; cell < CELL_COUNT; cell += 1) {
    const from = normalQuantile(cell / CELL_COUNT)
    const to = normalQuantile((cell + 1) / CELL_COUNT)
    for (const [bettor, shift] of SHIFTS.entries()) {
      const mass = normalShare(to - shift) - normalShare(from - shift)
      payouts[cell * SHIFTS.length + bettor] = KEPT_RATIO + (1 - KEPT_RATIO) * mass * CELL_COUNT
    }
  }
  return payouts
}
