import type { ExecutionSpan } from '../trace/execution.ts'
import { spanKey } from '../trace/span-tree.ts'
import { familyFrom, insideEndNs, insideStartNs, isHold, NONE, ROOT } from './families.ts'
import type { FlowOrder } from './flow-order.ts'
import { type SpanForest, stepIdAt } from './span-forest.ts'

/** What is known, beyond timing, of who waited for whom in one execution. */
export interface Dependencies {
  /**
   * By row, the siblings that the span waited for: all of them had ended when it started, and stand in earlier rows.
   * Absent where nothing is known: then it waited for whatever sibling had ended.
   */
  readonly before: readonly (readonly number[] | undefined)[]
}

/** Levels below a sibling at which a linked span still stands for it; a deeper one is as good as unknown. */
const MAX_LINK_LEVELS = 64

type Before = (number[] | undefined)[]

/**
 * Reads them from span links and from the order of the flow's steps.
 *
 *   - A span waited for what it links to, or for the sibling in which that lies.
 *   - A run of a step waited for the last run of each step that the definition lets lead to it.
 *   - Where neither tells anything and some step is learnt to come before it: for the last run of each step that is not
 *     refuted as coming before it.
 *
 * What contradicts the clock, a predecessor that had not ended when the span started, is left out for this execution.
 * Top-level spans go by timing alone. Absent when nothing is known at all. O(n log n + edges), no recursion.
 */
export function dependenciesOf(
  forest: SpanForest,
  order: FlowOrder | undefined,
): Dependencies | undefined {
  const before: Before = new Array<number[] | undefined>(forest.spans.length)
  addLinked(before, forest)
  if (order !== undefined) addOrdered(before, forest, order)
  for (const rows of before) if (rows !== undefined) return { before }
  return undefined
}

/** Runs of steps as they end, one family after the other. */
interface Sweep {
  readonly forest: SpanForest
  readonly order: FlowOrder
  /** By row, the place of its step in the order; absent for what is no step of it. */
  readonly places: readonly (number | undefined)[]
  /** By place, the run that ended last; it counts only in its own family. */
  readonly lastRun: number[]
  /** Places with a last run in the family at hand. */
  readonly ended: number[]
}

function addOrdered(before: Before, forest: SpanForest, order: FlowOrder): void {
  const lastRun = new Array<number>(order.places.size).fill(NONE)
  const sweep = { forest, order, places: placesOf(forest, order), lastRun, ended: [] }
  for (let parent = 0; parent < forest.spans.length; parent++)
    if (familyFrom(forest, parent + 1) - familyFrom(forest, parent) > 1)
      addOrderedIn(before, sweep, parent)
}

function addOrderedIn(before: Before, sweep: Sweep, parent: number): void {
  const { forest, places, ended } = sweep
  const { spans, byStart, byEnd } = forest
  // What `insideStartNs` and `insideEndNs` would say, without a look at the parent for each child.
  const outerStartNs = spans[parent]?.startNs ?? 0
  const outerEndNs = spans[parent]?.endNs ?? 0
  ended.length = 0
  const to = familyFrom(forest, parent + 1)
  let next = familyFrom(forest, parent)
  for (let at = next; at < to; at++) {
    const row = byStart[at] ?? NONE
    const place = places[row]
    const startNs = Math.max(spans[row]?.startNs ?? 0, outerStartNs)
    const endNs = Math.min(forest.endsNs[row] ?? 0, outerEndNs)
    if (place === undefined || startNs > endNs) continue
    for (; next < to; next++) {
      const done = byEnd[next] ?? NONE
      const doneEndNs = Math.min(forest.endsNs[done] ?? 0, outerEndNs)
      if (doneEndNs > startNs) break
      // What takes no time is noted in order of start, since others may start at the same instant.
      if (Math.max(spans[done]?.startNs ?? 0, outerStartNs) < doneEndNs) noteRun(sweep, done)
    }
    addDefined(before, sweep, row, place)
    if (before[row] === undefined) addLearnt(before, sweep, row, place)
    if (startNs === endNs) noteRun(sweep, row)
  }
}

function addDefined(before: Before, sweep: Sweep, row: number, place: number): void {
  const { forest, order, lastRun } = sweep
  const parent = forest.spans[row]?.parentRow
  for (const earlier of order.defined[place] ?? []) {
    const run = lastRun[earlier] ?? NONE
    if (forest.spans[run]?.parentRow === parent) add(before, row, run)
  }
}

function addLearnt(before: Before, sweep: Sweep, row: number, place: number): void {
  const { order, lastRun, ended } = sweep
  const { learnt } = order
  if (learnt === undefined) return
  const isFirst = (earlier: number): boolean => learnt(earlier, place) === 'first'
  if (!ended.some(isFirst)) return
  for (const earlier of ended)
    if (learnt(earlier, place) !== 'refuted') add(before, row, lastRun[earlier] ?? NONE)
}

/** Runs are noted as they end; of equal ends the later row counts. */
function noteRun({ forest, places, lastRun, ended }: Sweep, row: number): void {
  const place = places[row]
  if (place === undefined) return
  const last = lastRun[place] ?? NONE
  if (forest.spans[last]?.parentRow !== forest.spans[row]?.parentRow) ended.push(place)
  else if (row < last && insideEndNs(forest, row) === insideEndNs(forest, last)) return
  lastRun[place] = row
}

function placesOf(forest: SpanForest, { places }: FlowOrder): readonly (number | undefined)[] {
  const { spans } = forest
  const found = new Array<number | undefined>(spans.length)
  for (let row = 0; row < spans.length; row++) {
    const stepId = spans[row]?.role === 'step' ? stepIdAt(forest, row) : undefined
    if (stepId !== undefined) found[row] = places.get(stepId)
  }
  return found
}

function addLinked(before: Before, forest: SpanForest): void {
  const { spans } = forest
  let rows: ReadonlyMap<string, number> | undefined
  for (let row = 0; row < spans.length; row++) {
    // A row below the length.
    const span = spans[row] as ExecutionSpan
    if (span.links === undefined || span.parentRow === ROOT || isHold(span)) continue
    rows ??= new Map(spans.map((one, at) => [spanKey(one), at]))
    for (const link of span.links) {
      const sibling = siblingAround(forest, rows.get(spanKey(link)) ?? NONE, row)
      if (sibling === NONE || !isOverBefore(forest, sibling, row)) continue
      if (before[row]?.includes(sibling) !== true) add(before, row, sibling)
    }
  }
}

/** The span itself or the one around it that is a sibling of `row`. */
function siblingAround({ spans }: SpanForest, linked: number, row: number): number {
  const parent = spans[row]?.parentRow
  let at = linked
  for (let level = 0; level <= MAX_LINK_LEVELS; level++) {
    const span = spans[at]
    if (span === undefined) return NONE
    if (span.parentRow === parent) return isHold(span) ? NONE : at
    at = span.parentRow
  }
  return NONE
}

/** Whether a sibling had ended when a span started, both of them inside their parent. */
function isOverBefore(forest: SpanForest, sibling: number, row: number): boolean {
  const startNs = insideStartNs(forest, row)
  if (sibling >= row || startNs > insideEndNs(forest, row)) return false
  const siblingEndNs = insideEndNs(forest, sibling)
  return insideStartNs(forest, sibling) <= siblingEndNs && siblingEndNs <= startNs
}

function add(before: Before, row: number, predecessor: number): void {
  const known = before[row]
  if (known === undefined) before[row] = [predecessor]
  else known.push(predecessor)
}
