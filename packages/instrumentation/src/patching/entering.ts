/** The call of one method that is being entered. */
export interface Entering {
  /** Functions wrapped under the name; where there is more than one, one may call the other as its super class. */
  wrapperCount: number
  self: unknown
  args: unknown[] | undefined
}

const enteringKey = Symbol.for('qflow-otel.entering')

/** Shared by all loaded copies of this package and all handles, so that a call through several wrappers is one. */
export function enteringOf(name: string): Entering {
  // The symbol is ours, so what stands under it was put there by a copy of this file. Its size is that of the hook catalogue.
  const shared = globalThis as { [enteringKey]?: Map<string, Entering> }
  shared[enteringKey] ??= new Map()
  const known = shared[enteringKey].get(name)
  if (known) return known
  const made: Entering = { wrapperCount: 0, self: undefined, args: undefined }
  shared[enteringKey].set(name, made)
  return made
}

/** Whether a call is the one that is being entered, passed on by a subclass or by another wrapper of the same function. */
export function isSameCall(entering: Entering, self: unknown, args: unknown[]): boolean {
  const outer = entering.args
  return (
    outer !== undefined &&
    entering.self === self &&
    outer[0] === args[0] &&
    outer[1] === args[1] &&
    outer.length === args.length
  )
}
