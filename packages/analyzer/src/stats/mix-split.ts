import { type Contrast, type Measured, type Moments, momentsOf, sumContrast } from './moments.ts'

/** What one value of a dimension has to do with a change of a mean. Its two parts are its share in the whole. */
export interface MixPart {
  readonly value: string
  readonly shareBefore: number
  readonly shareAfter: number
  readonly countBefore: number
  readonly countAfter: number
  /** Of the change of the mean because the value became more or less frequent. */
  readonly mix: number
  /** Because executions with this value changed. */
  readonly rate: number
}

/** A change of a mean, split exactly: mix + rate = after - before, each the sum over the values. */
export interface MixSplit {
  readonly change: number
  readonly mix: number
  readonly rate: number
  /** The rate part with its interval, at the shares as they are. */
  readonly rateContrast: Contrast
  /** In order of the values. */
  readonly parts: readonly MixPart[]
}

/** A figure and the group that it belongs to. */
export interface Grouped {
  readonly group: string
  readonly value: number
}

/**
 * Splits the change of a mean into what the groups' frequencies and what their levels account for, symmetrically:
 *
 *     mix_g = (q_g - p_g) ((m_g + n_g) / 2 - c)      rate_g = (p_g + q_g) / 2 (n_g - m_g)
 *
 * with shares p, q and means m, n before and after; c, the middle of both overall means, adds nothing to the sum and makes
 * a group that is like the others account for nothing. A group seen on one side only has that side's mean on both.
 * Exact for any groups; O(n). Sources: Kitagawa, JASA 50 (1955); Oaxaca, International Economic Review 14 (1973).
 */
export function mixSplit(before: readonly Grouped[], after: readonly Grouped[]): MixSplit {
  const groupsBefore = momentsByGroup(before)
  const groupsAfter = momentsByGroup(after)
  const [meanBefore, meanAfter] = [before, after].map(
    (side) => momentsOf(side.map(({ value }) => value)).mean,
  ) as [number, number]
  const centre = (meanBefore + meanAfter) / 2
  const rates: Measured[] = []
  const names = [...new Set([...groupsBefore.keys(), ...groupsAfter.keys()])].sort()
  const parts = names.map((value): MixPart => {
    const old = groupsBefore.get(value)
    const now = groupsAfter.get(value)
    const shareBefore = (old?.n ?? 0) / Math.max(1, before.length)
    const shareAfter = (now?.n ?? 0) / Math.max(1, after.length)
    const meanOld = (old ?? now)?.mean ?? 0
    const meanNow = (now ?? old)?.mean ?? 0
    const weight = (shareBefore + shareAfter) / 2
    if (old !== undefined && now !== undefined) rates.push(rateOf(weight, old, now))
    return {
      value,
      shareBefore,
      shareAfter,
      countBefore: old?.n ?? 0,
      countAfter: now?.n ?? 0,
      mix: (shareAfter - shareBefore) * ((meanOld + meanNow) / 2 - centre),
      rate: weight * (meanNow - meanOld),
    }
  })
  return {
    change: meanAfter - meanBefore,
    mix: parts.reduce((sum, { mix }) => sum + mix, 0),
    rate: parts.reduce((sum, { rate }) => sum + rate, 0),
    rateContrast: sumContrast(rates),
    parts,
  }
}

function momentsByGroup(side: readonly Grouped[]): ReadonlyMap<string, Moments> {
  const groups = new Map<string, number[]>()
  for (const { group, value } of side) {
    const values = groups.get(group)
    if (values === undefined) groups.set(group, [value])
    else values.push(value)
  }
  return new Map([...groups].map(([group, values]) => [group, momentsOf(values)]))
}

/** The spread is that of both sides about their own means: a group of two says little of its own. */
function rateOf(weight: number, old: Moments, now: Moments): Measured {
  const freedom = old.n + now.n - 2
  const squares = (old.n - 1) * old.variance + (now.n - 1) * now.variance
  const variance = freedom > 0 ? squares / freedom : 0
  return {
    value: weight * (now.mean - old.mean),
    squaredError: weight * weight * variance * (1 / old.n + 1 / now.n),
    freedom,
  }
}
