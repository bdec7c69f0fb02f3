/**
 * State as JSON data and back: bigint as `{"$bigint": "123"}`, everything else as it is; absent members stay absent.
 *
 * States are our own shapes of bounded depth, so recursion is too.
 */
export function toPlainState(value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: value.toString() }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(toPlainState)
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(entries.map(([key, member]) => [key, toPlainState(member)]))
}

export function fromPlainState(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(fromPlainState)
  if ('$bigint' in value && typeof value.$bigint === 'string') return BigInt(value.$bigint)
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, fromPlainState(member)]),
  )
}
