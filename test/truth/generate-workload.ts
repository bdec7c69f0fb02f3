import { createDraft } from './draft.ts'
import { scaled } from './scaled.ts'
import { type Shape, shapes } from './shapes.ts'
import type { Place, Workload } from './workload.ts'

export const SHAPE_NAMES: readonly string[] = Object.keys(shapes)

/** Workloads 0 to 89, by which the claim is held under a virtual clock. */
export const VIRTUAL_COUNT = 90

/** As many as the analyzer needs before it judges. */
const EXECUTION_COUNT = 30

/** Shapes take turns: each number, from 0, is one workload, the same every time. */
export function generateWorkload(number: number): Workload {
  const name = SHAPE_NAMES[number % SHAPE_NAMES.length] ?? ''
  const draft = createDraft(number)
  const shape = shapes[name]?.(draft)
  if (shape === undefined) throw new RangeError(`there is no shape for ${number}`)
  const { random } = draft
  const place = random.pick(shape.places)
  const workload = {
    seed: number,
    shape: name,
    flows: shape.flows,
    costs: draft.costs,
    pools: shape.pools ?? {},
    admissionMs: shape.admissionMs ?? 0,
    forgetEvery: random.pick([0, 1, 3, 5]),
    load: { executionCount: EXECUTION_COUNT, laneCount: random.pick([1, 3, 6]), ...shape.load },
    delay: { ...place, ratio: isWaiting(place) ? 1 : random.pick([1, 1, 0.75, 0.5, 0.25]) },
  }
  // From a delay that hardly counts to one that dominates.
  const weight = random.pick([0.3, 1, 3, 10])
  const weighted = isWaiting(place) ? workload : scaled(workload, place, weight)
  return withTimeouts(weighted, shape.timeoutRatios ?? {})
}

/** Waiting for a slot or a resource takes as long as others hold it; it has no size of its own. */
function isWaiting(place: Place): boolean {
  return 'phase' in place && (place.phase === 'queue' || place.phase === 'resource_wait')
}

function withTimeouts(workload: Workload, ratios: NonNullable<Shape['timeoutRatios']>): Workload {
  const flows = workload.flows.map((flow) => ({
    ...flow,
    steps: flow.steps.map((step) => {
      const ratio = ratios[step.id]
      if (ratio === undefined) return step
      return { ...step, timeout: Math.ceil(ratio * (workload.costs[step.id]?.workMs ?? 0)) }
    }),
  }))
  return { ...workload, flows }
}
