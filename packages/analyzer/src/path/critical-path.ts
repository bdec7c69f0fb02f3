import type { Execution, Phase } from '../trace/execution.ts'
import { type Interval, pauses } from '../trace/pauses.ts'
import type { PathSegment } from './path-segment.ts'
import { ROOT, type SpanForest, spanForest, stepIdAt } from './span-forest.ts'

/**
 * Two siblings that overlap by less than this part of the earlier one count as one after the other: clocks of two
 * hosts, or an end that is recorded after the next start. Source: CRISP, section 4 (see below).
 */
const OVERLAP_TOLERANCE_RATIO = 0.01

/** A span that may be waited for, clipped to its parent. */
interface Candidate extends Interval {
  readonly row: number
}

/** A span being walked backwards: everything after cursorNs is already attributed. */
interface Frame {
  readonly row: number
  readonly startNs: number
  cursorNs: number
  /** Last-ending on top. */
  readonly pending: Candidate[]
}

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
export function criticalPath(execution: Execution): readonly PathSegment[] {
  return criticalPathOf(spanForest(execution))
}

export function criticalPathOf(forest: SpanForest): readonly PathSegment[] {
  const pauseStartsNs = new Set(pauses(forest.spans, forest.durationNs).map((gap) => gap.startNs))
  const path: PathSegment[] = []
  const frames: Frame[] = []
  const open = (row: number, startNs: number, endNs: number): void => {
    frames.push({ row, startNs, cursorNs: endNs, pending: candidates(forest, row, startNs, endNs) })
  }
  open(ROOT, 0, forest.durationNs)
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const child = frame.row === ROOT ? takeCovering(frame) : takeLastEnding(frame)
    const ownStartNs = child?.endNs ?? frame.startNs
    if (ownStartNs < frame.cursorNs)
      path.push(
        segmentOf({
          forest,
          row: frame.row,
          pauseStartsNs,
          startNs: ownStartNs,
          endNs: frame.cursorNs,
        }),
      )
    if (child === undefined) {
      frames.pop()
      continue
    }
    frame.cursorNs = child.startNs
    open(child.row, child.startNs, child.endNs)
  }
  return path.reverse()
}

function candidates(forest: SpanForest, row: number, startNs: number, endNs: number): Candidate[] {
  const inside: Candidate[] = []
  for (const child of forest.children(row)) {
    const span = forest.spans[child]
    if (span === undefined) continue
    const clipped = {
      row: child,
      startNs: Math.max(span.startNs, startNs),
      endNs: Math.min(span.endNs, endNs),
    }
    if (clipped.startNs < clipped.endNs) inside.push(clipped)
  }
  return inside.sort((a, b) => a.endNs - b.endNs || b.startNs - a.startNs || b.row - a.row)
}

/**
 * Top-level spans cover time and do not wait for each other: whatever part lies before the cursor counts, so that
 * two loops of one execution leave no gap.
 */
function takeCovering(frame: Frame): Candidate | undefined {
  for (let child = frame.pending.pop(); child !== undefined; child = frame.pending.pop())
    if (child.startNs < frame.cursorNs)
      return { ...child, endNs: Math.min(child.endNs, frame.cursorNs) }
  return undefined
}

/**
 * The child that ended last by the cursor. One that was still running then ran beside the path already chosen and
 * is dropped, unless it overlaps by so little that it was in fact waited for and nothing else ended there.
 */
function takeLastEnding({ pending, cursorNs }: Frame): Candidate | undefined {
  let tolerated: Candidate | undefined
  let child = pending.pop()
  while (child !== undefined && child.endNs > cursorNs) {
    if (child.endNs - cursorNs <= toleranceNs(child) && child.startNs < cursorNs) tolerated = child
    child = pending.pop()
  }
  if (tolerated === undefined) return child
  if (child !== undefined && cursorNs - child.endNs <= toleranceNs(child)) return child
  if (child !== undefined) pending.push(child)
  return { ...tolerated, endNs: cursorNs }
}

function toleranceNs({ startNs, endNs }: Interval): number {
  return (endNs - startNs) * OVERLAP_TOLERANCE_RATIO
}

function segmentOf(input: {
  readonly forest: SpanForest
  readonly row: number
  readonly pauseStartsNs: ReadonlySet<number>
  readonly startNs: number
  readonly endNs: number
}): PathSegment {
  const { forest, row, pauseStartsNs, startNs, endNs } = input
  const span = forest.spans[row]
  if (span === undefined) {
    const phase = pauseStartsNs.has(startNs) ? 'paused' : undefined
    return { spanId: undefined, spanIndex: undefined, stepId: undefined, phase, startNs, endNs }
  }
  return {
    spanId: span.spanId,
    spanIndex: row,
    stepId: stepIdAt(forest, row),
    phase: phaseOf(forest, row, { startNs, endNs }),
    startNs,
    endNs,
  }
}

/** What the span alone tells; the rest of a step's time gets its phases in `phases.ts`. */
function phaseOf(forest: SpanForest, row: number, own: Interval): Phase | undefined {
  const span = forest.spans[row]
  if (span === undefined) return undefined
  const isInStep = (forest.step[row] ?? -1) !== -1
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
function isBetweenAttempts(forest: SpanForest, row: number, own: Interval): boolean {
  const attempts = forest.attempts(row)
  if (attempts === undefined) return false
  return attempts.firstEndNs <= own.startNs && own.endNs <= attempts.lastStartNs
}
