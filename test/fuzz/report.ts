import type { Tally } from './checks.ts'

/** What the fuzzing thread tells the main one. */
export type FuzzReport =
  | { readonly kind: 'begun'; readonly from: number }
  | { readonly kind: 'ended'; readonly count: number; readonly tally: Tally }
  /** Bytes of heap behind a garbage collection. */
  | { readonly kind: 'held'; readonly heapBytes: number }
  | { readonly kind: 'fault'; readonly input: number; readonly message: string }
