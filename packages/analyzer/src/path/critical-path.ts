import type { Execution, Phase } from '../trace/execution.ts'
import { type Interval, pauses } from '../trace/pauses.ts'
import { type Dependencies, dependenciesOf } from './dependencies.ts'
import { familyFrom, isLeaf, NONE, ROOT } from './families.ts'
import type { FlowOrder } from './flow-order.ts'
import type { PathSegment } from './path-segment.ts'
import { type SpanForest, spanForest, stepIdAt } from './span-forest.ts'

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
  return criticalPathOf(forest, dependenciesOf(forest, order))
}

export function criticalPathOf(
  forest: SpanForest,
  dependencies?: Dependencies,
): readonly PathSegment[] {
  return new BackwardWalk(forest, dependencies).path()
}

/** From the last segment to the first: each ends where the one before it starts. */
class BackwardPath {
  readonly #forest: SpanForest
  readonly #pauseStarts: ReadonlySet<number> | undefined
  readonly #segments: PathSegment[] = []
  /** The segment that may still grow: from where it starts to where it ends. */
  #row = NONE
  #startNs: number
  #endNs: number

  constructor(forest: SpanForest) {
    this.#forest = forest
    this.#pauseStarts = pauseStartsOf(forest)
    this.#startNs = forest.durationNs
    this.#endNs = forest.durationNs
  }

  /** The time of a row from an instant up to what is known already. */
  add(row: number, startNs: number): void {
    if (startNs >= this.#startNs) return
    // Around a predecessor that took no time the waiting goes on.
    if (row !== this.#row) {
      this.#close()
      this.#row = row
      this.#endNs = this.#startNs
    }
    this.#startNs = startNs
  }

  inOrder(): readonly PathSegment[] {
    this.#close()
    return this.#segments.reverse()
  }

  #close(): void {
    if (this.#startNs === this.#endNs) return
    this.#segments.push(
      segmentOf(
        this.#forest,
        this.#row,
        { startNs: this.#startNs, endNs: this.#endNs },
        this.#pauseStarts,
      ),
    )
  }
}

/** From the end of an execution to its start: everything after the cursor is already attributed. */
class BackwardWalk {
  readonly #forest: SpanForest
  readonly #dependencies: Dependencies | undefined
  /** At row + 1, where the part of a span that is on the path starts, of spans that were stepped into. */
  readonly #fromNs: number[]
  /** At row + 1, from which place on its family, in order of end, is done with. */
  readonly #doneFrom: number[]
  #cursorNs: number

  constructor(forest: SpanForest, dependencies: Dependencies | undefined) {
    this.#forest = forest
    this.#dependencies = dependencies
    this.#fromNs = new Array(forest.spans.length + 1)
    this.#doneFrom = new Array(forest.spans.length + 1)
    this.#cursorNs = forest.durationNs
  }

  path(): readonly PathSegment[] {
    const { parents, startsNs, endsNs } = this.#forest
    const path = new BackwardPath(this.#forest)
    let row = ROOT
    let child = this.#open(row, 0)
    for (;;) {
      const fromNs = this.#fromNs[row + 1] ?? 0
      if (child === NONE || (endsNs[child] ?? 0) < fromNs) {
        path.add(row, fromNs)
        if (row === ROOT) return path.inOrder()
        this.#cursorNs = fromNs
        child = this.#before(row)
        row = parents[row] ?? ROOT
        continue
      }
      const startNs = Math.max(startsNs[child] ?? 0, fromNs)
      const endNs = Math.min(endsNs[child] ?? 0, this.#cursorNs)
      path.add(row, endNs)
      if (isLeaf(this.#forest, child)) {
        path.add(child, startNs)
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
  for (const row of known) {
    const isLater = (forest.endsNs[row] ?? 0) - (forest.endsNs[last] ?? 0) || last - row
    if (last === NONE || isLater > 0) last = row
  }
  return last
}

/** When the pauses between segments began. */
function pauseStartsOf(forest: SpanForest): ReadonlySet<number> | undefined {
  const topCount = familyFrom(forest, ROOT + 1)
  if (topCount < 2) return undefined
  return new Set(pauses(forest.spans, forest.durationNs).map((gap) => gap.startNs))
}

function segmentOf(
  forest: SpanForest,
  row: number,
  own: Interval,
  pauseStarts: ReadonlySet<number> | undefined,
): PathSegment {
  const { startNs, endNs } = own
  const span = forest.spans[row]
  if (span === undefined) {
    const phase = pauseStarts?.has(startNs) ? 'paused' : undefined
    return { spanId: undefined, spanIndex: undefined, stepId: undefined, phase, startNs, endNs }
  }
  return {
    spanId: span.spanId,
    spanIndex: row,
    stepId: stepIdAt(forest, row),
    phase: phaseOf(forest, row, own),
    startNs,
    endNs,
  }
}

/** What the span alone tells; the rest of a step's time gets its phases in `phases.ts`. */
function phaseOf(forest: SpanForest, row: number, own: Interval): Phase | undefined {
  const span = forest.spans[row]
  if (span === undefined) return undefined
  const isInStep = forest.step[row] !== NONE
  if (span.role === 'detail') return detailPhase(span.name)
  if (span.role === 'execution' && !isInStep) return 'engine'
  if (span.role === 'step') return isBetweenAttempts(forest, row, own) ? 'retry_backoff' : undefined
  return span.role !== 'attempt' && isInStep ? 'work' : undefined
}

function detailPhase(name: string): Phase | undefined {
  if (name.startsWith('validate')) return 'validation'
  if (name.startsWith('acquire')) return 'resource_wait'
  if (name.startsWith('ledger')) return 'ledger'
  return name.startsWith('check') ? 'engine' : undefined
}

/** After one attempt ended and before the next started. */
function isBetweenAttempts({ attempts }: SpanForest, row: number, own: Interval): boolean {
  const bounds = attempts?.get(row)
  if (bounds === undefined) return false
  return bounds.firstEndNs <= own.startNs && own.endNs <= bounds.lastStartNs
}
