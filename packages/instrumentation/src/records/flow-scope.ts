import type { FlowFacts } from '../flow-catalog.ts'

/** What the steps of one segment know of it; a step whose flow was not seen has one of its own. */
export interface FlowScope {
  readonly facts: FlowFacts
  readonly executionId: string | undefined
  readonly isDetailed: boolean
  /** Whether its beginning was seen, so that its end will be: then its steps need not tell of theirs at once. */
  readonly isSeen: boolean
  /** The last step that failed, for the class of the error the flow ends with. */
  failure: { readonly stepId: string; readonly errorType: string } | undefined
}

/** Whether detail mode takes this execution: a hash of its id, so that all its segments and processes agree. */
export function isDetailed(
  executionId: string | undefined,
  { detailMode, detailRatio }: { readonly detailMode: string; readonly detailRatio: number },
): boolean {
  if (detailMode !== 'sampled' || executionId === undefined) return detailMode === 'on'
  return hash(executionId) / 2 ** 32 < detailRatio
}

/** FNV-1a with a final mix, since ids that differ in their last character must spread. Source: Fowler, Noll, Vo; MurmurHash3's finaliser. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
