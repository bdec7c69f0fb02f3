import type { Execution } from '../trace/execution.ts'
import { type NsColumn, nsColumn, type RowColumn, rowColumn } from './columns.ts'
import { type Dependencies, dependenciesOf } from './dependencies.ts'
import { familyFrom, isLeaf, NONE, ROOT } from './families.ts'
import type { FlowOrder } from './flow-order.ts'
import { PathParts } from './path-parts.ts'
import { type PathSegment, segmentsOf } from './path-segment.ts'
import { type SpanForest, spanForest } from './span-forest.ts'

/**
 * The chain of spans that determined when the execution ended, in time order. Segments tile [0, durationNs) with
 * no gap and no overlap; a pause between segments is a segment of its own.
 *
 * Walks back from the end: step into the child that ended last, and on reaching its start go on with the sibling
 * that ended last before that. A child that outlives its parent is clipped to it. Of equal ends the child that
 * started first is taken, then the earlier row, so that the path does not depend on the order of the spans.
 * O(n log n), no recursion.
 *
 * Source: Zhang et al., "CRISP: Critical Path Analysis of Large-Scale Microservice Architectures", USENIX ATC 2022.
 */
export function criticalPath(execution: Execution, order?: FlowOrder): readonly PathSegment[] {
  const forest = spanForest(execution)
  return segmentsOf(forest, criticalPathOf(forest, dependenciesOf(forest, order)))
}

/** `criticalPath` in columns: what is only summed needs no segments. */
export function criticalPathOf(forest: SpanForest, dependencies?: Dependencies): PathParts {
  return new BackwardWalk(forest, dependencies).parts()
}

/** From the end of an execution to its start: everything after the cursor is already attributed. */
class BackwardWalk {
  readonly #forest: SpanForest
  readonly #dependencies: Dependencies | undefined
  /** At row + 1, where the part of a span that is on the path starts, of spans that were stepped into. */
  readonly #fromNs: NsColumn
  /** At row + 1, from which place on its family, in order of end, is done with. */
  readonly #doneFrom: RowColumn
  #cursorNs: number

  constructor(forest: SpanForest, dependencies: Dependencies | undefined) {
    this.#forest = forest
    this.#dependencies = dependencies
    this.#fromNs = nsColumn(forest.spans.length + 1)
    this.#doneFrom = rowColumn(forest.spans.length + 1)
    this.#cursorNs = forest.durationNs
  }

  parts(): PathParts {
    const { parents, startsNs, endsNs } = this.#forest
    const parts = new PathParts(this.#forest)
    let row = ROOT
    let child = this.#open(row, 0)
    for (;;) {
      const fromNs = this.#fromNs[row + 1] ?? 0
      if (child === NONE || (endsNs[child] ?? 0) < fromNs) {
        parts.add(row, fromNs)
        if (row === ROOT) return parts
        this.#cursorNs = fromNs
        child = this.#before(row)
        row = parents[row] ?? ROOT
        continue
      }
      const startNs = Math.max(startsNs[child] ?? 0, fromNs)
      const endNs = Math.min(endsNs[child] ?? 0, this.#cursorNs)
      parts.add(row, endNs)
      if (isLeaf(this.#forest, child)) {
        parts.add(child, startNs)
        this.#cursorNs = startNs
        child = this.#before(child)
      } else {
        this.#cursorNs = endNs
        row = child
        child = this.#open(row, startNs)
      }
    }
  }

  /** Of the children that were running when the span ended or ended with it, the first is stepped into. */
  #open(row: number, fromNs: number): number {
    const { startsNs, endsNs, byEnd } = this.#forest
    const endNs = this.#cursorNs
    const from = familyFrom(this.#forest, row)
    let at = familyFrom(this.#forest, row + 1)
    let child = NONE
    for (; at > from; at--) {
      const candidate = byEnd[at - 1] ?? 0
      if ((endsNs[candidate] ?? 0) < endNs) break
      // Siblings stand in order of start.
      const isEarlier = child === NONE || candidate < child
      if (isEarlier && (startsNs[candidate] ?? 0) < endNs) child = candidate
    }
    this.#fromNs[row + 1] = fromNs
    this.#doneFrom[row + 1] = at
    return child === NONE ? this.#lastEnded(row) : child
  }

  /** The sibling that a row waited for. */
  #before(row: number): number {
    const known = this.#dependencies?.before[row]
    if (known !== undefined) return lastOf(this.#forest, known)
    return this.#lastEnded(this.#forest.parents[row] ?? ROOT)
  }

  /**
   * The child that ended last by the cursor. One that was still running then ran beside the path already chosen; only
   * top-level spans cover time and do not wait for each other, so that two loops of one execution leave no gap.
   */
  #lastEnded(parent: number): number {
    const { startsNs, endsNs, byEnd } = this.#forest
    const fromNs = this.#fromNs[parent + 1] ?? 0
    const first = familyFrom(this.#forest, parent)
    let at = this.#doneFrom[parent + 1] ?? first
    let found = NONE
    while (found === NONE && at > first) {
      at--
      const child = byEnd[at] ?? 0
      const endNs = endsNs[child] ?? 0
      if (endNs <= fromNs) break
      const startNs = Math.max(startsNs[child] ?? 0, fromNs)
      const isPast = startNs < Math.min(endNs, this.#cursorNs)
      if (isPast && (endNs <= this.#cursorNs || parent === ROOT)) found = child
    }
    this.#doneFrom[parent + 1] = at
    return found
  }
}

/** The predecessor that ended last; of equal ends the one that started first, then the earlier row. */
function lastOf(forest: SpanForest, known: readonly number[]): number {
  let last = NONE
  let lastEndNs = 0
  for (const row of known) {
    const endNs = forest.endsNs[row] ?? 0
    if (last !== NONE && (endNs < lastEndNs || (endNs === lastEndNs && row > last))) continue
    last = row
    lastEndNs = endNs
  }
  return last
}
