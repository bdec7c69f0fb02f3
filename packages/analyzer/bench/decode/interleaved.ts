/** CPU of one call in each round, in ns: of all threads, so that the collector's garbage collection counts too. */
export type CpuNs<Name extends string> = Readonly<Record<Name, readonly number[]>>

/** Rounds that only warm up. */
const WARM_UP_COUNT = 5

/**
 * Calls each variant once a round, so that whatever else the machine does hits all of them alike. Garbage of one is
 * collected before the next.
 */
export function interleaved<Name extends string>(
  variants: Readonly<Record<Name, () => void>>,
  roundCount: number,
): CpuNs<Name> {
  // `entries` and `fromEntries` widen the names to string.
  const entries = Object.entries(variants) as [Name, () => void][]
  const times = new Map<Name, number[]>(entries.map(([name]) => [name, []]))
  for (let round = -WARM_UP_COUNT; round < roundCount; round++)
    for (const [name, run] of entries) {
      globalThis.gc?.()
      const before = process.cpuUsage()
      run()
      const { user, system } = process.cpuUsage(before)
      if (round >= 0) times.get(name)?.push((user + system) * 1e3)
    }
  return Object.fromEntries(times) as Record<Name, number[]>
}

export function medianOf(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** Median of the ratios within one round. */
export function ratioOf(numerators: readonly number[], denominators: readonly number[]): number {
  return medianOf(numerators.map((value, round) => value / (denominators[round] ?? Number.NaN)))
}
