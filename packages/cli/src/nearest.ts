/** Longer ids are compared by their first characters: distance costs the product of both lengths. */
const MAX_COMPARED_LENGTH = 64

/**
 * The candidates most like `wanted`, nearest first: those that contain it or begin with it come before
 * those that are a few edits apart. O(candidates × length²) with the length bounded.
 */
export function nearest(
  wanted: string,
  candidates: readonly string[],
  { limit, maxDistance }: { limit: number; maxDistance: number },
): readonly string[] {
  return candidates
    .map((candidate) => ({ candidate, distance: likeness(wanted, candidate) }))
    .filter(({ distance }) => distance <= maxDistance)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ candidate }) => candidate)
}

/** The edits that may lie between a misspelling and what was meant: more than half of a short word make any other of it. */
export function typoDistance(word: string, maxDistance: number): number {
  return Math.min(maxDistance, Math.floor(word.length / 2))
}

function likeness(wanted: string, candidate: string): number {
  const [a, b] = [wanted, candidate].map((text) => text.toLowerCase().slice(0, MAX_COMPARED_LENGTH))
  if (a === undefined || b === undefined || a === b) return 0
  const isPart = a.length >= 3 && b.length >= 3 && (b.includes(a) || a.includes(b))
  return isPart ? 0.5 : editDistance(a, b)
}

/** Source: Wagner and Fischer, "The string-to-string correction problem", JACM 21 (1974). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replace, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}
