/** A list to write over: a copy has the right size and kind at once, while one that grows is made again and again. */
export function listOf(length: number): number[] {
  return length <= FRACTIONS.length ? FRACTIONS.slice(0, length) : new Array<number>(length).fill(0)
}

/** A list of fractions is of another kind than one of whole numbers. The same for all flows, it stays in the caches. */
const FRACTIONS: readonly number[] = Array.from({ length: 128 }, () => 0.5)
