/** What is measured; a fast one runs several times a round, so that the rounds of all take about as long. */
export interface Variant {
  readonly run: () => void
  readonly passCount: number
}

/** CPU of one pass in each round, in ns: of all threads, so that the collection of its garbage counts too. */
export type CpuNs<Name extends string> = Readonly<Record<Name, readonly number[]>>

/** Rounds that only warm up. */
const WARM_UP_COUNT = 5

/** Measures each variant once a round, so that whatever else the machine does hits all of them alike. */
export function interleaved<Name extends string>(
  variants: Readonly<Record<Name, Variant>>,
  roundCount: number,
): CpuNs<Name> {
  // `entries` and `fromEntries` widen the names to string.
  const entries = Object.entries(variants) as [Name, Variant][]
  const times = new Map<Name, number[]>(entries.map(([name]) => [name, []]))
  for (let round = -WARM_UP_COUNT; round < roundCount; round++)
    for (const [name, { run, passCount }] of entries) {
      collectGarbage()
      // Each starts as it is after a while: not with memory that the collection just gave back to the system.
      for (let pass = 0; pass < passCount; pass++) run()
      const before = process.cpuUsage()
      for (let pass = 0; pass < passCount; pass++) run()
      const { user, system } = process.cpuUsage(before)
      if (round >= 0) times.get(name)?.push(((user + system) * 1e3) / passCount)
    }
  return Object.fromEntries(times) as Record<Name, number[]>
}

/** The second call waits for the threads that the first one started. */
export function collectGarbage(): void {
  globalThis.gc?.()
  globalThis.gc?.()
}

export function medianOf(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** Median of the ratios within one round. */
export function ratioOf(numerators: readonly number[], denominators: readonly number[]): number {
  return medianOf(numerators.map((value, round) => value / (denominators[round] ?? Number.NaN)))
}
