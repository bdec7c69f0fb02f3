import type { Execution } from '../trace/execution.ts'
import { type Dependencies, dependenciesOf } from './dependencies.ts'
import { familyFrom, insideEndNs, insideStartNs, lastEndOf, NONE, ROOT } from './families.ts'
import type { FlowOrder } from './flow-order.ts'
import { type SpanForest, spanForest } from './span-forest.ts'

/** How a span stands to the others in ns. */
export interface SpanSlack {
  /**
   * How much later it could have ended without delaying the execution; 0 on the critical path, where nothing is clipped.
   * At least that much for what takes no time, and below it. Absent for what nobody waits for: `hold` spans, what lies
   * outside its parent, and all below them.
   */
  readonly slackNs: number | undefined
  /** Not covered by its children. */
  readonly selfNs: number
  /** From the end of what it waited for to its start; absent when it waited for nothing. */
  readonly waitNs: number | undefined
}

/**
 * Slack, self time and wait of each row of `execution.spans`, over the dependencies that hold for the path. Definition
 * and proof that the path has none: docs/math/critical-path.md. O(n log n + edges), no recursion.
 */
export function slack(execution: Execution, order?: FlowOrder): readonly SpanSlack[] {
  const forest = spanForest(execution)
  return slackOf(forest, dependenciesOf(forest, order))
}

export function slackOf(forest: SpanForest, dependencies?: Dependencies): readonly SpanSlack[] {
  const { spans } = forest
  const count = spans.length
  const search: Search = {
    forest,
    before: dependencies?.before,
    joinNs: new Array<number>(count).fill(Number.NaN),
    latestNs: new Array<number>(count).fill(Number.POSITIVE_INFINITY),
    shiftNs: new Array<number>(count).fill(Number.POSITIVE_INFINITY),
    slackNs: new Array<number | undefined>(count),
  }
  // Parents stand in earlier rows than their children.
  for (let parent = ROOT; parent < count; parent++) {
    const allowedNs = parent === ROOT ? 0 : search.slackNs[parent]
    if (allowedNs === undefined) continue
    const lastEndNs = findJoins(search, parent)
    findSlack(search, parent, lastEndNs + allowedNs)
  }
  return spans.map((_, row) => {
    const joinNs = search.joinNs[row] ?? Number.NaN
    return {
      slackNs: search.slackNs[row],
      selfNs: selfNsAt(forest, row),
      waitNs: Number.isNaN(joinNs) ? undefined : insideStartNs(forest, row) - joinNs,
    }
  })
}

interface Search {
  readonly forest: SpanForest
  readonly before: Dependencies['before'] | undefined
  /** By row, the last end of what it waited for; NaN when that is nothing. */
  readonly joinNs: number[]
  /** By row, the latest end that its known successors allow. */
  readonly latestNs: number[]
  /** By row, how much later it may start; of what takes no time only as far as somebody is known to wait for it. */
  readonly shiftNs: number[]
  readonly slackNs: (number | undefined)[]
}

/** Forward through a family, what each child waited for. Returns the last end of a child, the parent's start without any. */
function findJoins({ forest, before, joinNs }: Search, parent: number): number {
  const { spans, byStart, byEnd } = forest
  const to = familyFrom(forest, parent + 1)
  let next = familyFrom(forest, parent)
  let endedNs = Number.NaN
  let lastEndNs = spans[parent]?.startNs ?? 0
  for (let at = next; at < to; at++) {
    const row = byStart[at] ?? NONE
    const startNs = insideStartNs(forest, row)
    const endNs = insideEndNs(forest, row)
    if (startNs > endNs) continue
    for (; next < to; next++) {
      const done = byEnd[next] ?? NONE
      const doneEndNs = insideEndNs(forest, done)
      if (doneEndNs > startNs) break
      if (insideStartNs(forest, done) < doneEndNs) endedNs = doneEndNs
    }
    const known = before?.[row]
    joinNs[row] = known === undefined ? endedNs : lastEndOf(forest, known)
    if (startNs < endNs) lastEndNs = Math.max(lastEndNs, endNs)
  }
  return lastEndNs
}

/**
 * Backward through a family: whoever waits for a child has its slack before the child does. `allowedNs` is the latest
 * end that the parent allows its last child.
 */
function findSlack(search: Search, parent: number, allowedNs: number): void {
  const { forest, before, joinNs, latestNs, shiftNs, slackNs } = search
  const { byStart } = forest
  const from = familyFrom(forest, parent)
  let waiting = familyFrom(forest, parent + 1)
  // Of those who wait for whatever had ended: the latest end that they allow.
  let timingNs = Number.POSITIVE_INFINITY
  for (const row of latestFirst(forest, parent)) {
    const endNs = insideEndNs(forest, row)
    const isLasting = insideStartNs(forest, row) < endNs
    for (; isLasting && waiting > from; waiting--) {
      const waiter = byStart[waiting - 1] ?? NONE
      if (insideStartNs(forest, waiter) < endNs) break
      const isByTiming = before?.[waiter] === undefined && !Number.isNaN(joinNs[waiter])
      if (isByTiming) timingNs = Math.min(timingNs, sumAt(shiftNs, joinNs, waiter))
    }
    const knownNs = latestNs[row] ?? Number.POSITIVE_INFINITY
    const boundNs = Math.min(knownNs, isLasting ? timingNs : knownNs, Math.max(allowedNs, endNs))
    slackNs[row] = boundNs - endNs
    shiftNs[row] = isLasting ? boundNs - endNs : knownNs - endNs
    for (const earlier of before?.[row] ?? [])
      latestNs[earlier] = Math.min(latestNs[earlier] ?? 0, sumAt(shiftNs, joinNs, row))
  }
}

/** The children with a place in their parent, those that ended last first; of equal ends the later row first. */
function latestFirst(forest: SpanForest, parent: number): readonly number[] {
  const { byEnd } = forest
  const rows: number[] = []
  const from = familyFrom(forest, parent)
  for (let at = familyFrom(forest, parent + 1) - 1; at >= from; at--) {
    const row = byEnd[at] ?? NONE
    if (insideStartNs(forest, row) <= insideEndNs(forest, row)) rows.push(row)
  }
  return rows.sort((a, b) => insideEndNs(forest, b) - insideEndNs(forest, a) || b - a)
}

function sumAt(a: readonly number[], b: readonly number[], row: number): number {
  return (a[row] ?? 0) + (b[row] ?? 0)
}

function selfNsAt(forest: SpanForest, row: number): number {
  const { spans, byStart } = forest
  const span = spans[row]
  if (span === undefined) return 0
  let selfNs = 0
  let coveredNs = span.startNs
  const to = familyFrom(forest, row + 1)
  for (let at = familyFrom(forest, row); at < to && coveredNs < span.endNs; at++) {
    const child = spans[byStart[at] ?? NONE]
    if (child === undefined) continue
    selfNs += Math.max(0, Math.min(child.startNs, span.endNs) - coveredNs)
    coveredNs = Math.max(coveredNs, child.endNs)
  }
  return selfNs + Math.max(0, span.endNs - coveredNs)
}
