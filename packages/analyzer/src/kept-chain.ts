import type { StoredExecution } from './trace/stored-execution.ts'

/** A link of two chains in which they were kept: that of its flow, and that of all. */
export interface Kept {
  readonly own: KeptOfFlow
  stored: StoredExecution
  /** How many were added before. */
  readonly number: number
  /** Whether it is found by its id. */
  isListed: boolean
  older: Kept | undefined
  newer: Kept | undefined
  /** The next of its flow. */
  newerOfFlow: Kept | undefined
}

/**
 * The ends of the chain of one flow. It is a chain since nearly all that leave it are its oldest: with many flows a list of
 * them lies far away, and each that leaves moves all others in it.
 */
export interface KeptOfFlow {
  readonly flowKey: string
  oldest: Kept | undefined
  newest: Kept | undefined
  count: number
}

/** All of a flow by id: to list those of all flows takes longer, and each that goes would have to be taken out. */
export function storedBy(own: KeptOfFlow | undefined): ReadonlyMap<string, StoredExecution> {
  const stored = new Map<string, StoredExecution>()
  for (let one = own?.oldest; one !== undefined; one = one.newerOfFlow)
    stored.set(one.stored.facts.executionId, one.stored)
  return stored
}

/** O(executions kept of the flow) for one that is replaced, else O(1). */
export function removeFrom(own: KeptOfFlow, kept: Kept): void {
  let before: Kept | undefined
  for (let one = own.oldest; one !== undefined && one !== kept; one = one.newerOfFlow) before = one
  if (before === undefined) own.oldest = kept.newerOfFlow
  else before.newerOfFlow = kept.newerOfFlow
  if (own.newest === kept) own.newest = before
  kept.newerOfFlow = undefined
  own.count -= 1
}
