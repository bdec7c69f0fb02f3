/** A 32-bit hash of a text. Source: FNV-1a with the finaliser of MurmurHash3. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return scramble(hash)
}

/** A number in (0, 1) that two integers decide: breaks ties without chance. */
export function uniformFrom(seed: number, stream: number): number {
  const high = scramble(seed ^ Math.imul(stream + 1, 0x9e3779b9))
  const low = scramble(high ^ seed ^ 0x5bd1e995)
  return (high * 0x200000 + (low >>> 11) + 0.5) / 2 ** 53
}

function scramble(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
