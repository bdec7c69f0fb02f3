import { type Families, familyFrom, NONE } from './families.ts'

/** Which siblings end last among those that started before some instant. Looks each family through once. */
export class LatestEnds {
  readonly families: Families
  /** By place in the order of start, the row of the family that ends last up to there, and the one before that. */
  readonly #last: number[] = []
  readonly #second: number[] = []

  constructor(families: Families) {
    this.families = families
  }

  /** The last end of the siblings of a row that started before an instant; -Infinity without any. O(log n). */
  besides(row: number, beforeNs: number): number {
    const { spans } = this.families
    const parent = spans[row]?.parentRow ?? NONE
    const at = this.#placeBefore(parent, beforeNs)
    if (at < familyFrom(this.families, parent)) return Number.NEGATIVE_INFINITY
    if (this.#last[at] === undefined) this.#look(parent)
    const last = this.#last[at] === row ? this.#second[at] : this.#last[at]
    return endAt(this.families, last ?? NONE)
  }

  #look(parent: number): void {
    const { byStart } = this.families
    let [last, second] = [NONE, NONE]
    const to = familyFrom(this.families, parent + 1)
    for (let at = familyFrom(this.families, parent); at < to; at++) {
      const row = byStart[at] ?? NONE
      const endNs = endAt(this.families, row)
      if (endNs > endAt(this.families, last)) [last, second] = [row, last]
      else if (endNs > endAt(this.families, second)) second = row
      this.#last[at] = last
      this.#second[at] = second
    }
  }

  /** The last place of a family whose span started before an instant. */
  #placeBefore(parent: number, beforeNs: number): number {
    const { spans, byStart } = this.families
    let low = familyFrom(this.families, parent)
    let high = familyFrom(this.families, parent + 1)
    while (low < high) {
      const middle = (low + high) >> 1
      if ((spans[byStart[middle] ?? NONE]?.startNs ?? 0) < beforeNs) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

function endAt({ spans }: Families, row: number): number {
  return spans[row]?.endNs ?? Number.NEGATIVE_INFINITY
}
