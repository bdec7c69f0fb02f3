/** CPU of stages in µs, a figure a round: that of all threads, so that the collection of garbage counts too. */
export class StageTimes {
  readonly #rounds = new Map<string, number[]>()
  readonly #micros = new Map<string, number>()

  run<T>(stage: string, work: () => T): T {
    const before = process.cpuUsage()
    const result = work()
    const { user, system } = process.cpuUsage(before)
    this.#micros.set(stage, (this.#micros.get(stage) ?? 0) + user + system)
    return result
  }

  /** Ends a round; one of the warm-up is forgotten. */
  endRound(isMeasured: boolean): void {
    for (const [stage, micros] of this.#micros) {
      const list = this.#rounds.get(stage) ?? []
      this.#rounds.set(stage, list)
      if (isMeasured) list.push(micros)
    }
    this.#micros.clear()
  }

  /** Stages together, round by round. */
  of(...stages: readonly string[]): readonly number[] {
    const [first = [], ...others] = stages.map((stage) => this.#rounds.get(stage) ?? [])
    return first.map((micros, round) =>
      others.reduce((sum, list) => sum + (list[round] ?? Number.NaN), micros),
    )
  }
}
