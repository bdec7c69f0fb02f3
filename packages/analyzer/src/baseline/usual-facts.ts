import { type Circumstances, NO_CIRCUMSTANCE, rememberCircumstance } from './circumstances.ts'
import type { Counters } from './counters.ts'
import { type Deployments, noteVersions, type SeenVersion, settledVersions } from './deployments.ts'
import type { HistoryEntry } from './history-entry.ts'
import type { ExecutionHead } from './observation.ts'

/** What is remembered of a flow by what was so when its executions ran. */
export interface FactMemory {
  readonly deployments: Deployments
  readonly circumstances: Circumstances
  readonly history: { readonly entries: readonly HistoryEntry[]; readonly nextSequence: number }
}

/** The facts of the last judged execution, and what became of them. */
interface Last {
  readonly facts: ExecutionHead['facts']
  readonly flowVersion: string | undefined
  readonly circumstance: number
  readonly versions: readonly SeenVersion[]
}

/**
 * Notes versions and circumstances of judged executions. While executions share their list of facts, as those of one layout do,
 * nothing is looked up: where the versions were seen last is the one thing that changes, and it is written when somebody reads it.
 */
export class UsualFacts {
  #last: Last | undefined
  /** Of the last execution. */
  #sequence = 0

  /** As `noteVersions` and `rememberCircumstance`; the index of the circumstance. */
  note(memory: FactMemory, head: ExecutionHead, counters: Counters): number {
    const { facts, flowVersion } = head
    const { deployments, circumstances, history } = memory
    const sequence = history.nextSequence
    const last = this.#last
    if (last !== undefined && last.facts === facts && last.flowVersion === flowVersion) {
      this.#sequence = sequence
      return last.circumstance
    }
    this.settle()
    noteVersions(deployments, head, sequence, counters)
    const place = { entries: history.entries, sequence }
    const circumstance = rememberCircumstance(circumstances, facts, place, counters)
    this.#sequence = sequence
    const versions = settledVersions(deployments, head)
    // Where there is no room, each execution says so.
    const isSettled = versions !== undefined && !circumstances.isFull
    this.#last = isSettled ? { facts, flowVersion, circumstance, versions } : undefined
    return circumstance
  }

  /** As `noteVersions`, of an execution that is not judged. */
  noteUnjudged(memory: FactMemory, head: ExecutionHead, counters: Counters): number {
    this.settle()
    this.#last = undefined
    noteVersions(memory.deployments, head, memory.history.nextSequence, counters)
    return NO_CIRCUMSTANCE
  }

  /** Nothing waits after it. */
  settle(): void {
    for (const version of this.#last?.versions ?? []) version.sequence = this.#sequence
  }
}
