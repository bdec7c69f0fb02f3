import type { Phase } from '@qflow-otel/analyzer'

/** A kind of time on a path: a phase, a pause, or time that no phase claims. */
export type TimeKind = Phase | 'paused' | 'other'

/** In the order of bars and legends: about that in which a step goes through them. */
export const timeKinds: readonly TimeKind[] = [
  'queue',
  'validation',
  'resource_wait',
  'work',
  'retry_backoff',
  'ledger',
  'engine',
  'paused',
  'other',
]

/** `resource wait`: the kind in words. */
export function timeKindLabel(kind: TimeKind): string {
  return kind === 'other' ? 'no phase' : kind.replace('_', ' ')
}

/** What passes in this kind of time. */
export function timeKindMeaning(kind: TimeKind): string {
  return meanings[kind]
}

const meanings: Readonly<Record<TimeKind, string>> = {
  work: "the step's own handler, and the calls it makes",
  validation: 'checks before the step runs',
  ledger: 'appending to the ledger and validating it',
  resource_wait: 'waiting for a pooled resource',
  queue: 'waiting for a turn in a parallel group',
  retry_backoff: 'between two attempts',
  engine: 'the engine itself, event listeners included',
  paused: 'between two segments of the execution',
  other: 'between steps, or inside a span that tells no phase',
}

/** Times by phase, all of one unit. */
export type PhaseTimes = { readonly [P in Phase]?: number | undefined }

/** The phases that were measured, in the order of bars and legends. */
export function phaseParts(times: PhaseTimes): { kind: Phase; value: number }[] {
  return timeKinds.flatMap((kind) => {
    if (kind === 'paused' || kind === 'other') return []
    const value = times[kind]
    return value === undefined ? [] : [{ kind, value }]
  })
}
