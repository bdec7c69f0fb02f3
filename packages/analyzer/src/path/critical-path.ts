import type { Execution, Phase } from '../trace/execution.ts'
import { type Interval, pauses } from '../trace/pauses.ts'
import { type Dependencies, dependenciesOf } from './dependencies.ts'
import { endNsAt, familyFrom, isLeaf, NONE, ROOT } from './families.ts'
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
  const { spans } = forest
  const pauseStarts = pauseStartsOf(forest)
  const path: PathSegment[] = []
  const add = (row: number, own: Interval): void => {
    if (own.startNs >= own.endNs) return
    const later = path.at(-1)
    // Around a predecessor that took no time the waiting goes on.
    const isContinued = later?.spanIndex === row && later.startNs === own.endNs
    const endNs = isContinued ? later.endNs : own.endNs
    if (isContinued) path.pop()
    path.push(segmentOf(forest, row, { startNs: own.startNs, endNs }, pauseStarts))
  }
  const frames = [opened(forest, ROOT, { startNs: 0, endNs: forest.durationNs })]
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const { row, child, cursorNs } = frame
    const span = spans[child]
    if (span === undefined || endNsAt(forest, child) < frame.startNs) {
      add(row, { startNs: frame.startNs, endNs: cursorNs })
      frames.pop()
      continue
    }
    const startNs = Math.max(span.startNs, frame.startNs)
    const endNs = Math.min(endNsAt(forest, child), cursorNs)
    add(row, { startNs: endNs, endNs: cursorNs })
    frame.cursorNs = startNs
    const known = dependencies?.before[child]
    frame.child = known === undefined ? lastEnded(forest, frame) : lastOf(forest, known)
    if (isLeaf(forest, child)) add(child, { startNs, endNs })
    else frames.push(opened(forest, child, { startNs, endNs }))
  }
  return path.reverse()
}

/** A span being walked backwards: everything after cursorNs is already attributed. */
interface Frame {
  readonly row: number
  readonly startNs: number
  cursorNs: number
  /** Of the family in order of end, all from this place on is done with. */
  doneFrom: number
  /** The child to step into; with `NONE` what is left is the span's own. */
  child: number
}

/** Of the children that were running when the span ended or ended with it, the first is stepped into. */
function opened(forest: SpanForest, row: number, { startNs, endNs }: Interval): Frame {
  const { spans, byEnd } = forest
  const from = familyFrom(forest, row)
  let at = familyFrom(forest, row + 1)
  let child = NONE
  for (; at > from; at--) {
    const candidate = byEnd[at - 1] ?? NONE
    if (endNsAt(forest, candidate) < endNs) break
    // Siblings stand in order of start.
    const isEarlier = child === NONE || candidate < child
    if (isEarlier && (spans[candidate]?.startNs ?? endNs) < endNs) child = candidate
  }
  const frame = { row, startNs, cursorNs: endNs, doneFrom: at, child }
  if (child === NONE) frame.child = lastEnded(forest, frame)
  return frame
}

/**
 * The child that ended last by the cursor. One that was still running then ran beside the path already chosen; only
 * top-level spans cover time and do not wait for each other, so that two loops of one execution leave no gap.
 */
function lastEnded(forest: SpanForest, frame: Frame): number {
  const { spans, byEnd } = forest
  const { row, startNs, cursorNs } = frame
  const from = familyFrom(forest, row)
  while (frame.doneFrom > from) {
    frame.doneFrom--
    const child = byEnd[frame.doneFrom] ?? NONE
    const childEndNs = endNsAt(forest, child)
    if (childEndNs <= startNs) return NONE
    const childStartNs = Math.max(spans[child]?.startNs ?? 0, startNs)
    if (childStartNs >= Math.min(childEndNs, cursorNs)) continue
    if (childEndNs <= cursorNs || row === ROOT) return child
  }
  return NONE
}

/** The predecessor that ended last; of equal ends the one that started first, then the earlier row. */
function lastOf(forest: SpanForest, known: readonly number[]): number {
  let last = NONE
  for (const row of known) {
    const isLater = endNsAt(forest, row) - endNsAt(forest, last) || last - row
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
