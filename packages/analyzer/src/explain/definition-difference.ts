import type { DefinitionDifference } from '../detect/cause.ts'
import type { FlowDefinition, FlowDefinitionStep } from '../otlp/span-record.ts'

/**
 * What another version of a flow does otherwise: each step is told once, by the first that is true of it: it is new, it is gone,
 * it does something else, it comes at another place, its edges lead elsewhere. O(n log n).
 */
export function definitionDifference(
  from: FlowDefinition,
  to: FlowDefinition,
): DefinitionDifference {
  const old = new Map(from.steps.map((step) => [step.id, step]))
  const now = new Map(to.steps.map((step) => [step.id, step]))
  const kept = to.steps.filter(({ id }) => old.has(id))
  const changed = kept.filter((step) => isOther(old.get(step.id), step)).map(({ id }) => id)
  const moved = movedSteps(
    from.steps.filter(({ id }) => now.has(id)),
    kept,
  )
  const added = to.steps.filter(({ id }) => !old.has(id)).map(({ id }) => id)
  const removed = from.steps.filter(({ id }) => !now.has(id)).map(({ id }) => id)
  const told = new Set([...changed, ...moved, ...added, ...removed])
  // An edge that only leads around a step that came, went or moved says nothing of its own.
  const elsewhere = new Set(moved)
  const isStill = (id: string) => old.has(id) && now.has(id) && !elsewhere.has(id)
  const around = { old: edgesAround(old, isStill), now: edgesAround(now, isStill) }
  const rewired = kept
    .filter(({ id }) => !told.has(id) && around.old(id) !== around.now(id))
    .map(({ id }) => id)
  return {
    added,
    removed,
    changed,
    reordered: moved.filter((id) => !changed.includes(id)),
    rewired,
  }
}

/** `adds fraud-check, removes audit`; nothing where both do the same. */
export function differenceWords(difference: DefinitionDifference): string {
  const clauses: readonly (readonly [string, readonly string[]])[] = [
    ['adds', difference.added],
    ['removes', difference.removed],
    ['changes', difference.changed],
    ['reorders', difference.reordered],
    ['rewires', difference.rewired],
  ]
  return clauses
    .filter(([, steps]) => steps.length > 0)
    .map(([verb, steps]) => `${verb} ${listed(steps)}`)
    .join(', ')
}

export function isSameDefinition(difference: DefinitionDifference): boolean {
  return Object.values(difference).every((steps: readonly string[]) => steps.length === 0)
}

/** A sentence names so many steps, and how many more there are. */
const MAX_LISTED_COUNT = 3

function listed(steps: readonly string[]): string {
  const shown = steps.slice(0, MAX_LISTED_COUNT).join(', ')
  return steps.length > MAX_LISTED_COUNT
    ? `${shown} and ${steps.length - MAX_LISTED_COUNT} more`
    : shown
}

function isOther(a: FlowDefinitionStep | undefined, b: FlowDefinitionStep): boolean {
  return a?.type !== b.type || a.action !== b.action || isGroup(a) !== isGroup(b)
}

function isGroup({ steps }: FlowDefinitionStep): boolean {
  return steps !== undefined && steps.length > 0
}

/** Those that are not in a longest run of steps whose order stayed. */
function movedSteps(
  from: readonly FlowDefinitionStep[],
  to: readonly FlowDefinitionStep[],
): string[] {
  const place = new Map(from.map(({ id }, at) => [id, at]))
  const places = to.map(({ id }) => place.get(id) ?? 0)
  const stayed = longestRise(places)
  return to.filter((_, at) => !stayed.has(at)).map(({ id }) => id)
}

/** Indices of a longest increasing subsequence. Source: Schensted, Canadian J. of Mathematics 13 (1961). */
function longestRise(values: readonly number[]): ReadonlySet<number> {
  const ends: number[] = []
  const previous: number[] = []
  for (const [index, value] of values.entries()) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((values[ends[middle] ?? 0] ?? 0) < value) low = middle + 1
      else high = middle
    }
    previous.push(low > 0 ? (ends[low - 1] ?? -1) : -1)
    ends[low] = index
  }
  const rise = new Set<number>()
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) rise.add(at)
  return rise
}

type Steps = ReadonlyMap<string, FlowDefinitionStep>

/** Where a step's edges lead among the steps that stand in both definitions at their places: `b|c||d,e`. */
function edgesAround(own: Steps, isStill: (id: string) => boolean): (id: string) => string {
  return (id) => {
    const step = own.get(id)
    const { onSuccess, onFailure, onTrue, onFalse } = step ?? {}
    const ends = [onSuccess, onFailure, onTrue, onFalse].map((next) => reached(next, own, isStill))
    const group = (step?.steps ?? []).filter(isStill)
    return [...ends, group.join(',')].join('|')
  }
}

/** The first such step from `next` along the edges of success. */
function reached(next: string | undefined, own: Steps, isStill: (id: string) => boolean): string {
  let at = next
  for (let passed = 0; at !== undefined && passed <= own.size; passed += 1) {
    if (isStill(at)) return at
    at = own.get(at)?.onSuccess
  }
  return ''
}
