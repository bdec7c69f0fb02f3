import type { Phase } from '../trace/execution.ts'
import { PHASES } from '../trace/step-run.ts'

/**
 * Time on the critical path by place. `stepId` absent: between steps (phase `engine`), a pause (`paused`) or a span
 * outside steps. `spanName`: a span without phases of its own, the user's or a sub-flow's, inside the step's `work`.
 */
export interface PathTotal {
  readonly stepId: string | undefined
  readonly phase: Phase | 'paused' | undefined
  readonly spanName: string | undefined
  readonly ns: number
  /** The step was only partly on the path, so that its phases were split in proportion. */
  readonly isEstimated: boolean
}

/** All runs of one step together, or what is outside steps. */
export interface StepTotals {
  readonly stepId: string | undefined
  /** By place in `SLOTS`. */
  readonly ns: number[]
  /** A bit for each place. */
  estimatedSlots: number
  /** Time in spans with a name of their own, one entry each time. */
  readonly named: NamedNs[]
}

interface NamedNs {
  readonly phase: PathTotal['phase']
  readonly spanName: string
  ns: number
}

const SLOTS: readonly PathTotal['phase'][] = [...PHASES, 'paused', undefined]

/** Place of time without a phase among the `ns` of a step; phases stand there as in `PHASES`. */
export const PAUSED_SLOT: number = PHASES.length
export const NO_PHASE_SLOT: number = PHASES.length + 1

/** Up to here looking through all steps is faster than a map. */
const MAX_SCANNED_COUNT = 16

const MAX_INSERTED_COUNT = 32

/** Sums by place; runs of one step are one place, and an estimated part makes the whole estimated. */
export class PlaceTotals {
  readonly #steps: StepTotals[] = []
  #byId: Map<string | undefined, StepTotals> | undefined

  of(stepId: string | undefined): StepTotals {
    const known = this.#find(stepId)
    if (known !== undefined) return known
    const step: StepTotals = {
      stepId,
      ns: [0, 0, 0, 0, 0, 0, 0, 0, 0],
      estimatedSlots: 0,
      named: [],
    }
    this.#steps.push(step)
    this.#byId?.set(stepId, step)
    if (this.#steps.length === MAX_SCANNED_COUNT)
      this.#byId = new Map(this.#steps.map((one) => [one.stepId, one]))
    return step
  }

  /** The largest first; of equals by step, what is outside steps first. */
  sorted(): readonly PathTotal[] {
    const totals: PathTotal[] = []
    for (const step of this.#steps) {
      addPhases(totals, step)
      addNamed(totals, step)
    }
    return inOrder(totals)
  }

  #find(stepId: string | undefined): StepTotals | undefined {
    if (this.#byId !== undefined) return this.#byId.get(stepId)
    for (const step of this.#steps) if (step.stepId === stepId) return step
    return undefined
  }
}

function addPhases(totals: PathTotal[], { stepId, ns, estimatedSlots }: StepTotals): void {
  for (let slot = 0; slot < SLOTS.length; slot++) {
    const phaseNs = ns[slot] ?? 0
    if (phaseNs === 0) continue
    totals.push({
      stepId,
      phase: SLOTS[slot],
      spanName: undefined,
      ns: phaseNs,
      isEstimated: (estimatedSlots & (1 << slot)) !== 0,
    })
  }
}

function addNamed(totals: PathTotal[], { stepId, named }: StepTotals): void {
  if (named.length > 1) named.sort(byName)
  for (let at = 0; at < named.length; at++) {
    // A place below the length.
    const { phase, spanName, ns } = named[at] as NamedNs
    const next = named[at + 1]
    if (next !== undefined && next.spanName === spanName && next.phase === phase) next.ns += ns
    else totals.push({ stepId, phase, spanName, ns, isEstimated: false })
  }
}

/** Stable. By insertion up to some length, which takes a third of the time of `sort` (`path.bench.ts`). */
function inOrder(totals: PathTotal[]): readonly PathTotal[] {
  if (totals.length > MAX_INSERTED_COUNT) return totals.sort(byNs)
  for (let next = 1; next < totals.length; next++) {
    // A place below the length, as are those before it.
    const total = totals[next] as PathTotal
    let at = next
    for (; at > 0 && byNs(totals[at - 1] as PathTotal, total) > 0; at--)
      totals[at] = totals[at - 1] as PathTotal
    totals[at] = total
  }
  return totals
}

function byName(a: NamedNs, b: NamedNs): number {
  return compareText(a.spanName, b.spanName) || compareText(a.phase, b.phase)
}

function byNs(a: PathTotal, b: PathTotal): number {
  return b.ns - a.ns || compareText(a.stepId, b.stepId)
}

function compareText(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  return a === undefined || (b !== undefined && a < b) ? -1 : 1
}
