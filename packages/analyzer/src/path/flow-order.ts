import type { FlowDefinition, FlowDefinitionStep } from '../otlp/span-record.ts'
import { NONE } from './families.ts'
import { type OrderState, type Precedence, precedence } from './learn-order.ts'

/** What is known of the order of a flow's steps, whatever the execution. Made once for many executions. */
export interface FlowOrder {
  /** Place of each step in the lists below, by step id. */
  readonly places: ReadonlyMap<string, number>
  /** By place, the places of the steps whose success, failure or condition leads there. */
  readonly defined: readonly (readonly number[])[]
  /** What was learnt of two places; absent while nothing was. */
  readonly learnt: ((earlier: number, later: number) => Precedence) | undefined
}

/** From the definition, and from what was learnt of the same version. O(edges + steps). */
export function flowOrder(flow: FlowDefinition | undefined, learnt?: OrderState): FlowOrder {
  const places = new Map<string, number>()
  const steps = flow?.steps ?? []
  for (const step of steps)
    for (const id of [step.id, ...targetsOf(step)]) if (!places.has(id)) places.set(id, places.size)
  const defined = Array.from({ length: places.size }, () => new Set<number>())
  for (const step of steps) {
    const from = places.get(step.id)
    for (const target of targetsOf(step)) {
      const to = places.get(target)
      if (from !== undefined && to !== undefined) defined[to]?.add(from)
    }
  }
  for (const id of learnt?.stepIds ?? []) if (!places.has(id)) places.set(id, places.size)
  return {
    places,
    defined: defined.map((before) => [...before]),
    learnt: learnt && precedenceByPlace(places, learnt),
  }
}

function precedenceByPlace(
  places: ReadonlyMap<string, number>,
  learnt: OrderState,
): FlowOrder['learnt'] {
  const learntPlaces = new Array<number>(places.size).fill(NONE)
  for (const [index, id] of learnt.stepIds.entries()) {
    const place = places.get(id)
    if (place !== undefined) learntPlaces[place] = index
  }
  return (earlier, later) => {
    const [a = NONE, b = NONE] = [learntPlaces[earlier], learntPlaces[later]]
    return a === NONE || b === NONE ? 'open' : precedence(learnt, a, b)
  }
}

function targetsOf({ onSuccess, onFailure, onTrue, onFalse }: FlowDefinitionStep): string[] {
  return [onSuccess, onFailure, onTrue, onFalse].filter((target) => target !== undefined)
}
