import type { SamplePair } from '@qflow-otel/analyzer'

/** What is compared: the values of each place before and after, in the order in which they were measured. */
export class SampleSets {
  #before = new Map<string, number[]>()
  #after = new Map<string, number[]>()
  readonly #leftOut: Record<string, number> = {}

  add(side: 'before' | 'after', name: string, value: number): void {
    const samples = side === 'before' ? this.#before : this.#after
    const values = samples.get(name)
    if (values !== undefined) values.push(value)
    else if (samples.size < MAX_PLACE_COUNT) samples.set(name, [value])
    else this.leaveOut('place_limit')
  }

  /** Where each side has one place, they are compared whatever each calls it: by this name when they differ. */
  nameOnly(name: string): void {
    const [[nameBefore, before] = [], ...moreBefore] = this.#before
    const [[nameAfter, after] = [], ...moreAfter] = this.#after
    if (before === undefined || after === undefined || nameBefore === nameAfter) return
    if (moreBefore.length + moreAfter.length > 0) return
    this.#before = new Map([[name, before]])
    this.#after = new Map([[name, after]])
  }

  /** Counts what is not compared, by reason. */
  leaveOut(reason: string): void {
    this.#leftOut[reason] = (this.#leftOut[reason] ?? 0) + 1
  }

  get leftOut(): Readonly<Record<string, number>> {
    return this.#leftOut
  }

  /** Whether a side has no value at all. */
  isEmpty(side: 'before' | 'after'): boolean {
    return (side === 'before' ? this.#before : this.#after).size === 0
  }

  /** Places that both sides have, in the order in which they came; where nothing was ever measured, none. */
  pairs(): readonly SamplePair[] {
    return [...this.#before].flatMap(([name, before]) => {
      const after = this.#after.get(name)
      return after === undefined || isZero(before, after) ? [] : [{ name, before, after }]
    })
  }

  /** Places that only one side has. */
  onlyIn(side: 'before' | 'after'): readonly string[] {
    const [own, other] =
      side === 'before' ? [this.#before, this.#after] : [this.#after, this.#before]
    return [...own].flatMap(([name, values]) => (other.has(name) || isZero(values) ? [] : [name]))
  }
}

function isZero(...samples: readonly (readonly number[])[]): boolean {
  return samples.every((values) => values.every((value) => value === 0))
}

/** Places of one side; more are left out and counted. */
const MAX_PLACE_COUNT = 2_000
