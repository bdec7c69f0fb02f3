import type { Phase } from '@qflow-otel/analyzer'

/** A kind of time on a path: a phase, a pause, or time that no phase claims. */
export type TimeKind = Phase | 'paused' | 'other'

/** In the order of bars and legends: what a step does first, what holds it up after. */
export const timeKinds: readonly TimeKind[] = [
  'work',
  'validation',
  'ledger',
  'resource_wait',
  'queue',
  'retry_backoff',
  'engine',
  'paused',
  'other',
]

export function timeKindLabel(kind: TimeKind): string {
  return kind === 'other' ? 'no phase known' : kind.replace('_', ' ')
}

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
  other: 'time of a span that no phase covers',
}
