import type { FlowDefinition, FlowDefinitionStep } from '../otlp/span-record.ts'

/** What is known of the order of a flow's steps, whatever the execution. Made once for many executions. */
export interface FlowOrder {
  /** Place of each step in the lists below, by step id. */
  readonly places: ReadonlyMap<string, number>
  /** By place, the places of the steps whose success, failure or condition leads there. */
  readonly defined: readonly (readonly number[])[]
}

export function flowOrder({ steps }: FlowDefinition): FlowOrder {
  const places = new Map<string, number>()
  for (const { id } of steps) if (!places.has(id)) places.set(id, places.size)
  const defined = Array.from({ length: places.size }, () => new Set<number>())
  for (const step of steps) {
    const from = places.get(step.id)
    for (const target of targetsOf(step)) {
      const to = places.get(target)
      if (from !== undefined && to !== undefined) defined[to]?.add(from)
    }
  }
  return { places, defined: defined.map((before) => [...before]) }
}

function targetsOf({ onSuccess, onFailure, onTrue, onFalse }: FlowDefinitionStep): string[] {
  return [onSuccess, onFailure, onTrue, onFalse].filter((target) => target !== undefined)
}
