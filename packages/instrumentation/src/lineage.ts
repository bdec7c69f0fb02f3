import type { SpanContext } from '@opentelemetry/api'

/** Executions whose engine keeps no state object; the oldest is forgotten first. */
const MAX_WITHOUT_STATE = 1_000

/** What the segments of one execution know of each other. */
export interface Lineage {
  segmentCount: number
  openCount: number
  last: SpanContext | undefined
  parentExecutionId: string | undefined
  triggerType: string | undefined
}

export interface Lineages {
  /** The lineage of an execution; kept as long as the engine keeps its state object. */
  of(executionId: string, state: object | undefined): Lineage
}

export function createLineages(onForget: () => void): Lineages {
  const byState = new WeakMap<object, Lineage>()
  const byId = new Map<string, Lineage>()
  return {
    of(executionId, state) {
      const known = state ? byState.get(state) : byId.get(executionId)
      if (known) return known
      const made: Lineage = {
        segmentCount: 0,
        openCount: 0,
        last: undefined,
        parentExecutionId: undefined,
        triggerType: undefined,
      }
      if (state) byState.set(state, made)
      else {
        if (byId.size >= MAX_WITHOUT_STATE) onForget()
        remember(byId, executionId, made)
      }
      return made
    },
  }
}

function remember(byId: Map<string, Lineage>, executionId: string, lineage: Lineage): void {
  const [oldest] = byId.keys()
  if (oldest !== undefined && byId.size >= MAX_WITHOUT_STATE) byId.delete(oldest)
  byId.set(executionId, lineage)
}
