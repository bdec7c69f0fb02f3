import type { FlowDefinition } from '../otlp/span-record.ts'

/** By step id: the steps whose success, failure or condition leads to it. */
export function predecessors(flow: FlowDefinition): ReadonlyMap<string, ReadonlySet<string>> {
  const before = new Map<string, Set<string>>()
  for (const step of flow.steps) {
    for (const target of [step.onSuccess, step.onFailure, step.onTrue, step.onFalse]) {
      if (target === undefined) continue
      const known = before.get(target)
      if (known === undefined) before.set(target, new Set([step.id]))
      else known.add(step.id)
    }
  }
  return before
}
