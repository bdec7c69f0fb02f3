/** Counts by reason. Reasons come from the code, never from input, so there are few. */
export class Counter {
  readonly #counts = new Map<string, number>()

  add(reason: string, count = 1): void {
    if (count > 0) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count)
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }
}
