/** Named counts of what was refused or left out. */
export type Counters = Record<string, number>

export function countOne(counters: Counters, reason: string, by = 1): void {
  counters[reason] = (counters[reason] ?? 0) + by
}
