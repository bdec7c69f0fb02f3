import { type Clock, unixMsOf } from './clock.ts'
import { type SignalName, signals } from './receive/signal.ts'

/** Why the door did not take items; the sender was told and may try again. */
export type RefusalReason = 'queue_full' | 'closing'

/** Why items that were taken never reached the backend. */
export type DropReason = 'gave_up' | 'closing'

/**
 * Items (spans, metric points, log records) of one signal.
 *
 * With a backend, at every moment: accepted = sent + queued + refusedByBackend + the sum of dropped.
 */
export interface SignalAccount {
  /** Taken from senders. */
  readonly accepted: number
  /** Not taken, by reason; the sender got 503. */
  readonly refused: Readonly<Record<RefusalReason, number>>
  /** Of the accepted, those the analyzer could not read; they were forwarded all the same. */
  readonly invalid: number
  /** Values shortened to a limit before they were analysed, by reason; what is forwarded stays whole. */
  readonly clipped: Readonly<Record<string, number>>
  /** The backend has them. */
  readonly sent: number
  /** Waiting for the backend or under way to it. */
  readonly queued: number
  /** The backend refused them for good. */
  readonly refusedByBackend: number
  readonly dropped: Readonly<Record<DropReason, number>>
  /** When items were last dropped or refused by the backend. */
  readonly lastLossUnixMs: number | undefined
}

export type RequestOutcome =
  | 'accepted'
  | 'undecodable'
  | 'too_large'
  | 'unsupported'
  | 'forbidden'
  | 'unavailable'
  | 'aborted'
  | 'internal_error'

type Counts = {
  accepted: number
  refused: Record<RefusalReason, number>
  invalid: number
  clipped: Record<string, number>
  sent: number
  queued: number
  refusedByBackend: number
  dropped: Record<DropReason, number>
  lastLossUnixMs: number | undefined
}

/** Counts every item and every OTLP request by what became of it. */
export class Accounting {
  readonly #clock: Clock
  readonly #counts = new Map<SignalName, Counts>(signals.map(({ name }) => [name, noCounts()]))
  readonly #requests = new Map<SignalName, Record<RequestOutcome, number>>(
    signals.map(({ name }) => [name, noRequests()]),
  )

  constructor(clock: Clock) {
    this.#clock = clock
  }

  of(signal: SignalName): SignalAccount {
    return structuredClone(this.#of(signal))
  }

  requests(signal: SignalName): Readonly<Record<RequestOutcome, number>> {
    return { ...(this.#requests.get(signal) ?? noRequests()) }
  }

  /** One request was answered so, or went away unanswered. */
  request(signal: SignalName, outcome: RequestOutcome): void {
    const counts = this.#requests.get(signal)
    if (counts !== undefined) counts[outcome] += 1
  }

  accept(signal: SignalName, items: { count: number; invalidCount: number }): void {
    const counts = this.#of(signal)
    counts.accepted += items.count
    counts.invalid += items.invalidCount
  }

  clip(signal: SignalName, counts: Readonly<Record<string, number>>): void {
    const { clipped } = this.#of(signal)
    for (const [reason, count] of Object.entries(counts))
      clipped[reason] = (clipped[reason] ?? 0) + count
  }

  refuse(signal: SignalName, itemCount: number, reason: RefusalReason): void {
    this.#of(signal).refused[reason] += itemCount
  }

  /** Accepted items entered the queue. */
  enqueue(signal: SignalName, itemCount: number): void {
    this.#of(signal).queued += itemCount
  }

  /** The backend answered for good: `refusedCount` of the items it would not have. */
  settle(signal: SignalName, items: { count: number; refusedCount: number }): void {
    const counts = this.#of(signal)
    const refused = Math.min(items.refusedCount, items.count)
    counts.queued -= items.count
    counts.refusedByBackend += refused
    counts.sent += items.count - refused
    if (refused > 0) counts.lastLossUnixMs = unixMsOf(this.#clock)
  }

  drop(signal: SignalName, itemCount: number, reason: DropReason): void {
    const counts = this.#of(signal)
    counts.queued -= itemCount
    counts.dropped[reason] += itemCount
    counts.lastLossUnixMs = unixMsOf(this.#clock)
  }

  #of(signal: SignalName): Counts {
    const counts = this.#counts.get(signal)
    // The map has every signal name from the constructor on.
    if (counts === undefined) throw new Error(`unknown signal ${signal}`)
    return counts
  }
}

/** Items that were accepted and are in none of the places where an accepted item can be; 0 with a backend. */
export function unaccounted(account: SignalAccount): number {
  const dropped = Object.values(account.dropped).reduce((sum, count) => sum + count, 0)
  return account.accepted - account.sent - account.queued - account.refusedByBackend - dropped
}

function noCounts(): Counts {
  return {
    accepted: 0,
    refused: { queue_full: 0, closing: 0 },
    invalid: 0,
    clipped: {},
    sent: 0,
    queued: 0,
    refusedByBackend: 0,
    dropped: { gave_up: 0, closing: 0 },
    lastLossUnixMs: undefined,
  }
}

function noRequests(): Record<RequestOutcome, number> {
  return {
    accepted: 0,
    undecodable: 0,
    too_large: 0,
    unsupported: 0,
    forbidden: 0,
    unavailable: 0,
    aborted: 0,
    internal_error: 0,
  }
}
