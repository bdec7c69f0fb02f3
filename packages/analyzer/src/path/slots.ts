import { familyFrom, insideEndNs, insideStartNs, NONE } from './families.ts'
import { runAt, type SpanForest } from './span-forest.ts'

/** A family of which some steps had to queue. */
export interface QueuedFamily {
  /** Its rows in order of start, then of turn. */
  readonly rows: readonly number[]
  /** How long each was in the queue, and what held it there. */
  readonly queuesNs: readonly number[]
  readonly waits: readonly (SlotWait | undefined)[]
}

/** Absent where none of the children queued. O(n x slots). */
export function queuedFamily(forest: SpanForest, row: number): QueuedFamily | undefined {
  const turns: (Turn & { readonly row: number })[] = []
  let isAnyQueued = false
  const to = familyFrom(forest, row + 1)
  for (let at = familyFrom(forest, row); at < to; at++) {
    const child = forest.byStart[at] ?? NONE
    const startNs = insideStartNs(forest, child)
    const endNs = insideEndNs(forest, child)
    if (startNs > endNs) continue
    const leftNs = (forest.spans[child]?.startNs ?? 0) + (runAt(forest, child)?.phasesNs.queue ?? 0)
    const turnNs = Math.max(startNs, Math.min(leftNs, endNs))
    if (turnNs > startNs) isAnyQueued = true
    turns.push({ row: child, startNs, turnNs, endNs })
  }
  if (!isAnyQueued) return undefined
  turns.sort((a, b) => a.startNs - b.startNs || a.turnNs - b.turnNs || a.endNs - b.endNs)
  const isStep = (turn: { readonly row: number }) => forest.spans[turn.row]?.role === 'step'
  const steps = turns.filter((turn) => isStep(turn) && turn.startNs < turn.endNs)
  const waits = slotWaits(steps)
  const waitOf = new Map(steps.map((step, index) => [step, waits[index]]))
  return {
    rows: turns.map((turn) => turn.row),
    queuesNs: turns.map(({ startNs, turnNs }) => turnNs - startNs),
    waits: turns.map((turn) => waitOf.get(turn)),
  }
}

/** A step of a parallel group: from the group's start to when it left the queue to its end. */
export interface Turn {
  readonly startNs: number
  readonly turnNs: number
  readonly endNs: number
}

/** A step that shares a bounded number of slots with the others of its group. */
export interface SlotWait {
  /** The same object for all steps of a group. */
  readonly group: { readonly slotCount: number }
  /** From the end that left a slot to the step's turn; absent where a slot had never been used. */
  readonly gapNs: number | undefined
}

/**
 * More slots than any group opens. Beyond, finding the one that comes free first would cost more than it tells, and
 * the steps count as side by side.
 */
const MAX_SLOT_COUNT = 1000

/**
 * By step, how it came to its turn; undefined in a group that ran all its steps at once. Steps are in order of start
 * and turn. Spans of one group start together, when the group did; their queue tells when each had its turn:
 *
 *     group   ==========
 *       a     ======          two slots: c took the one that b left
 *       b     =====
 *       c     .....====       . queue
 *
 * The group is taken to have as many slots as steps ran at once at most. O(n x slots).
 */
export function slotWaits(steps: readonly Turn[]): readonly (SlotWait | undefined)[] {
  const waits: (SlotWait | undefined)[] = []
  for (let from = 0; from < steps.length; from = waits.length) {
    let to = from + 1
    while (to < steps.length && steps[to]?.startNs === steps[from]?.startNs) to++
    for (const wait of waitsOfGroup(steps.slice(from, to))) waits.push(wait)
  }
  return waits
}

function waitsOfGroup(steps: readonly Turn[]): readonly (SlotWait | undefined)[] {
  const slotCount = mostAtOnce(steps)
  if (slotCount === steps.length || slotCount > MAX_SLOT_COUNT) return steps.map(() => undefined)
  const group = { slotCount }
  const slots = new Slots(slotCount)
  return steps.map(({ turnNs, endNs }) => {
    const freeNs = slots.take()
    slots.give(endNs)
    return { group, gapNs: freeNs === undefined ? undefined : turnNs - freeNs }
  })
}

/** Half-open: what ends when another has its turn does not run beside it. */
function mostAtOnce(steps: readonly Turn[]): number {
  const endsNs = steps.map(({ endNs }) => endNs).sort((a, b) => a - b)
  let most = 1
  let ended = 0
  for (const [begun, { turnNs }] of steps.entries()) {
    while ((endsNs[ended] ?? Number.POSITIVE_INFINITY) <= turnNs) ended++
    most = Math.max(most, begun + 1 - ended)
  }
  return most
}

/** The groups below one span while their steps, in the same order, take turns again. */
export class TurnTaking {
  readonly #slotsOf = new Map<SlotWait['group'], Slots>()

  /**
   * When a step ends that could start at `startNs` were there always a slot, and takes `queueNs` of `ownNs` to wait
   * for one: it waits now until the first slot comes free, and then for the same gap.
   */
  endNs(
    { group, gapNs }: SlotWait,
    step: { readonly startNs: number; readonly queueNs: number; readonly ownNs: number },
  ): number {
    const slots = this.#slotsOf.get(group) ?? new Slots(group.slotCount)
    this.#slotsOf.set(group, slots)
    const freeNs = slots.take()
    const isHeld = freeNs !== undefined && gapNs !== undefined
    const turnNs = isHeld ? Math.max(step.startNs, freeNs + gapNs) : step.startNs + step.queueNs
    const endNs = turnNs + step.ownNs - step.queueNs
    slots.give(endNs)
    return endNs
  }
}

/** Who comes next takes the slot that comes free first. */
class Slots {
  readonly #slotCount: number
  readonly #freeNs: number[] = []

  constructor(slotCount: number) {
    this.#slotCount = slotCount
  }

  /** When the slot that is taken came free; undefined while one was never used. */
  take(): number | undefined {
    if (this.#freeNs.length < this.#slotCount) return undefined
    let first = 0
    for (let slot = 1; slot < this.#freeNs.length; slot++)
      if ((this.#freeNs[slot] ?? 0) < (this.#freeNs[first] ?? 0)) first = slot
    return this.#freeNs.splice(first, 1)[0]
  }

  give(freeNs: number): void {
    this.#freeNs.push(freeNs)
  }
}
