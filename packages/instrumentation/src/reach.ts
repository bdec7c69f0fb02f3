/** A hook whose absence leaves a phase unmeasured. */
export type PhaseHook =
  | 'queue'
  | 'validation'
  | 'resource_wait'
  | 'ledger'
  | 'work'
  | 'retry_backoff'

const phaseHooks: readonly PhaseHook[] = [
  'queue',
  'validation',
  'resource_wait',
  'ledger',
  'work',
  'retry_backoff',
]

/** What was reached of the engine, so that a phase nobody measured is named instead of reported as 0. */
export interface Reach {
  add(key: string, phases: readonly PhaseHook[]): void
  remove(key: string, phases: readonly PhaseHook[]): void
  has(key: string): boolean
  /** Phases without a hook; `undefined` when every hook was reached. One array, replaced when it changes. */
  missingPhases(): string[] | undefined
  isEmpty(): boolean
}

export function createReach(): Reach {
  const counts = new Map<string, number>()
  const keys = new Map<string, number>()
  let missing: string[] | undefined = [...phaseHooks]
  const count = (table: Map<string, number>, key: string, change: number) => {
    const left = (table.get(key) ?? 0) + change
    if (left > 0) table.set(key, left)
    else table.delete(key)
  }
  const change = (key: string, phases: readonly PhaseHook[], by: number) => {
    count(keys, key, by)
    for (const phase of phases) count(counts, phase, by)
    const absent = phaseHooks.filter((phase) => !counts.has(phase))
    missing = absent.length > 0 ? absent : undefined
  }
  return {
    add: (key, phases) => change(key, phases, 1),
    remove: (key, phases) => change(key, phases, -1),
    has: (key) => keys.has(key),
    missingPhases: () => missing,
    isEmpty: () => keys.size === 0,
  }
}
