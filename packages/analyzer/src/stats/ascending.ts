/** Numbers in ascending order, as a copy: a typed array sorts without asking a function which of two is larger. */
export function ascending(values: ArrayLike<number>): Float64Array {
  return new Float64Array(values).sort()
}
