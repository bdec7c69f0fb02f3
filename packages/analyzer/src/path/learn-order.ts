import { familyFrom, NONE, ROOT } from './families.ts'
import { type SpanForest, stepIdAt } from './span-forest.ts'

/**
 * In which order the steps of one version of a flow were seen. Plain data of O(pairs); a new version begins with an
 * empty one, since its steps may wait for others.
 */
export interface OrderState {
  /** In order of their first appearance; a step's place is its index. */
  readonly stepIds: string[]
  /** How often two steps ran below one parent, at `pairAt` of their places. */
  readonly together: number[]
  /** In how many of these the one of the smaller place was over before the other started. */
  readonly before: number[]
  /** The other way round. */
  readonly after: number[]
  /** How often a step came for which there was no place left: it is not learnt. */
  unlearntCount: number
}

/** What was seen of one step that may have waited for another. */
export type Precedence =
  /** Always over before it started, and seen often enough. */
  | 'first'
  /** There is a counter-example: never waited for. */
  | 'refuted'
  /** Too rarely seen to say. */
  | 'open'

/** 2,016 pairs. A flow of more steps has a definition, or is many flows under one name. */
export const MAX_LEARNT_STEP_COUNT = 64

/**
 * Two steps side by side that come in either order with equal chance look ordered that long in one of 5e8 pairs; of
 * two whose order is nine times out of ten the same, in one of 24.
 */
export const MIN_TOGETHER_COUNT = 30

export function emptyOrder(): OrderState {
  return { stepIds: [], together: [], before: [], after: [], unlearntCount: 0 }
}

/**
 * Counts one execution. All runs of a step below one parent are one, from their first start to their last end, so that
 * a loop orders only what is around it. The order of executions does not matter. O(pairs) of steps side by side.
 */
export function learnOrder(state: OrderState, forest: SpanForest): void {
  for (let parent = ROOT; parent < forest.spans.length; parent++) {
    if (familyFrom(forest, parent + 1) - familyFrom(forest, parent) < 2) continue
    const stretches = stretchesOf(state, forest, parent)
    for (let a = 0; a < stretches.length; a++)
      // Places below the length.
      for (let b = 0; b < a; b++) countPair(state, stretches[a] as Stretch, stretches[b] as Stretch)
  }
}

/** What one execution teaches of the order of steps, for all that teach the same. */
export class OrderLesson {
  readonly #lesson = emptyOrder()
  /** The state that was taught last, and where in it the counts of each pair stand. */
  #taught: OrderState | undefined
  #pairs: readonly (TaughtPair | undefined)[] = []

  constructor(forest: SpanForest) {
    learnOrder(this.#lesson, forest)
  }

  /** What `learnOrder` would count; nothing, and false, where the state does not know all of the steps. O(pairs). */
  teach(state: OrderState): boolean {
    if (state !== this.#taught && !this.#find(state)) return false
    const { together, before, after } = this.#lesson
    for (let pair = 0; pair < this.#pairs.length; pair++) {
      const at = this.#pairs[pair]
      if (at === undefined) continue
      addAt(state.together, at.pair, together[pair] ?? 0)
      addAt(at.isSwapped ? state.after : state.before, at.pair, before[pair] ?? 0)
      addAt(at.isSwapped ? state.before : state.after, at.pair, after[pair] ?? 0)
    }
    return true
  }

  #find(state: OrderState): boolean {
    const { stepIds, together, unlearntCount } = this.#lesson
    const places = stepIds.map((stepId) => state.stepIds.indexOf(stepId))
    if (unlearntCount > 0 || places.includes(NONE)) return false
    const pairs: (TaughtPair | undefined)[] = new Array(together.length)
    for (let a = 0; a < places.length; a++) {
      for (let b = 0; b < a; b++) {
        const [high = NONE, low = NONE] = [places[a], places[b]]
        const pair = pairAt(a, b)
        if (together[pair] !== 0) pairs[pair] = { pair: pairAt(high, low), isSwapped: high < low }
      }
    }
    this.#taught = state
    this.#pairs = pairs
    return true
  }
}

/** Where a pair of one state stands in another. */
interface TaughtPair {
  readonly pair: number
  /** The step of the smaller place has the larger one there. */
  readonly isSwapped: boolean
}

/** Adds what another learnt of the same version: as if all executions had been seen by one. */
export function mergeOrder(into: OrderState, other: OrderState): void {
  const places = other.stepIds.map((stepId) => placeOf(into, stepId))
  into.unlearntCount += other.unlearntCount
  for (let a = 0; a < places.length; a++) {
    for (let b = 0; b < a; b++) {
      const [high = NONE, low = NONE] = [places[a], places[b]]
      if (high === NONE || low === NONE) continue
      const from = pairAt(a, b)
      const to = pairAt(high, low)
      const isSwapped = high < low
      const before = other.before[from] ?? 0
      const after = other.after[from] ?? 0
      addAt(into.together, to, other.together[from] ?? 0)
      addAt(into.before, to, isSwapped ? after : before)
      addAt(into.after, to, isSwapped ? before : after)
    }
  }
}

/** What is known of the step at `earlier` as one that the step at `later` waited for. O(1). */
export function precedence(state: OrderState, earlier: number, later: number): Precedence {
  if (earlier === later) return 'open'
  const pair = pairAt(earlier, later)
  const together = state.together[pair] ?? 0
  const counts = earlier < later ? state.before : state.after
  if ((counts[pair] ?? 0) < together) return 'refuted'
  return together >= MIN_TOGETHER_COUNT ? 'first' : 'open'
}

interface Stretch {
  readonly place: number
  readonly startNs: number
  endNs: number
}

/** The steps below one parent, by place; children come in order of start. */
function stretchesOf(state: OrderState, forest: SpanForest, parent: number): readonly Stretch[] {
  const { spans, byStart } = forest
  const stretches: Stretch[] = []
  const to = familyFrom(forest, parent + 1)
  for (let at = familyFrom(forest, parent); at < to; at++) {
    const row = byStart[at] ?? NONE
    const span = spans[row]
    const stepId = span?.role === 'step' ? stepIdAt(forest, row) : undefined
    if (span === undefined || stepId === undefined) continue
    const place = placeOf(state, stepId)
    if (place === NONE) continue
    const endNs = forest.endsNs[row] ?? 0
    const known = stretches.find((one) => one.place === place)
    if (known === undefined) stretches.push({ place, startNs: span.startNs, endNs })
    else known.endNs = Math.max(known.endNs, endNs)
  }
  return stretches
}

/** `NONE` when all places are taken. */
function placeOf(state: OrderState, stepId: string): number {
  const known = state.stepIds.indexOf(stepId)
  if (known !== NONE) return known
  if (state.stepIds.length === MAX_LEARNT_STEP_COUNT) {
    state.unlearntCount++
    return NONE
  }
  for (let place = 0; place < state.stepIds.length; place++) {
    state.together.push(0)
    state.before.push(0)
    state.after.push(0)
  }
  return state.stepIds.push(stepId) - 1
}

function countPair(state: OrderState, a: Stretch, b: Stretch): void {
  const [low, high] = a.place < b.place ? [a, b] : [b, a]
  const pair = pairAt(low.place, high.place)
  addAt(state.together, pair, 1)
  if (low.endNs <= high.startNs) addAt(state.before, pair, 1)
  if (high.endNs <= low.startNs) addAt(state.after, pair, 1)
}

/** Pairs with the first step that has a larger place come before those with later ones. */
function pairAt(a: number, b: number): number {
  const low = Math.min(a, b)
  const high = Math.max(a, b)
  return (high * (high - 1)) / 2 + low
}

function addAt(counts: number[], at: number, count: number): void {
  counts[at] = (counts[at] ?? 0) + count
}
