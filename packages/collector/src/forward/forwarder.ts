import type { Accounting } from '../accounting.ts'
import type { Clock } from '../clock.ts'
import { backoffMs } from './backoff.ts'
import { type Parcel, type Send, type SendOutcome, weightBytes } from './parcel.ts'

export interface ForwarderOptions {
  readonly send: Send
  readonly queueBytes: number
  readonly giveUpMs: number
  readonly accounting: Accounting
  readonly clock: Clock
  /** Yields [0, 1). */
  readonly random: () => number
}

export interface ForwarderState {
  readonly queuedBytes: number
  readonly capacityBytes: number
  readonly queuedRequests: number
  /** Why the last attempt failed; absent once one succeeds again. */
  readonly failure: string | undefined
}

/** Attempts under way at once. Ten, as in the Collector's exporters, keeps a far backend busy. */
const MAX_IN_FLIGHT = 10

/**
 * A bounded queue in memory in front of the backend. Each parcel ends in exactly one place of the
 * accounting: sent, refused by the backend, or dropped for a named reason.
 */
export class Forwarder {
  readonly #options: ForwarderOptions
  readonly #abort = new AbortController()
  /** In order of arrival; parcels that are under way have left it. */
  #waiting = new ParcelQueue()
  #inFlightCount = 0
  #queuedBytes = 0
  #failure: string | undefined
  #onEmpty: (() => void) | undefined

  constructor(options: ForwarderOptions) {
    this.#options = options
  }

  get state(): ForwarderState {
    return {
      queuedBytes: this.#queuedBytes,
      capacityBytes: this.#options.queueBytes,
      queuedRequests: this.#waiting.size + this.#inFlightCount,
      failure: this.#failure,
    }
  }

  /** Whether a parcel could ever be taken, were the queue empty. */
  fits(parcel: Parcel): boolean {
    return weightBytes(parcel) <= this.#options.queueBytes
  }

  /** Takes the parcel, or says that there is no room for it now. The caller has accounted for neither. */
  offer(parcel: Parcel): boolean {
    const weight = weightBytes(parcel)
    if (this.#abort.signal.aborted) return false
    if (this.#queuedBytes + weight > this.#options.queueBytes) return false
    this.#queuedBytes += weight
    this.#options.accounting.enqueue(parcel.signal, parcel.itemCount)
    this.#waiting.push(parcel)
    this.#pump()
    return true
  }

  /** Resolves when the queue is empty, or after `timeoutMs`: what is left then is dropped and counted. */
  async drain(timeoutMs: number): Promise<void> {
    const { clock } = this.#options
    await new Promise<void>((resolve) => {
      const timer = clock.after(timeoutMs, resolve)
      this.#onEmpty = () => {
        timer.cancel()
        resolve()
      }
      this.#reportEmpty()
    })
    this.#abort.abort()
    for (let left = this.#waiting.take(); left !== undefined; left = this.#waiting.take())
      this.#leave(left, () => this.#drop(left, 'closing'))
    if (this.#inFlightCount > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve))
  }

  #pump(): void {
    while (this.#inFlightCount < MAX_IN_FLIGHT) {
      const parcel = this.#waiting.take()
      if (parcel === undefined) return
      this.#inFlightCount += 1
      void this.#deliver(parcel)
    }
  }

  async #deliver(parcel: Parcel): Promise<void> {
    const settle = await this.#attempts(parcel)
    this.#inFlightCount -= 1
    this.#leave(parcel, settle)
    this.#pump()
  }

  /** Tries until the fate of the parcel is known; returns how to account for it. */
  async #attempts(parcel: Parcel): Promise<() => void> {
    const { accounting, clock, giveUpMs, random, send } = this.#options
    const { signal, itemCount } = parcel
    const firstMs = clock.nowMs()
    for (let attempt = 0; ; attempt++) {
      const outcome = await send(parcel, this.#abort.signal)
      this.#note(outcome)
      if (outcome.kind === 'delivered')
        return () =>
          accounting.settle(signal, { count: itemCount, refusedCount: outcome.refusedCount })
      if (outcome.kind === 'refused')
        return () => accounting.settle(signal, { count: itemCount, refusedCount: itemCount })
      if (this.#abort.signal.aborted) return () => this.#drop(parcel, 'closing')
      const waitMs = Math.max(backoffMs(attempt, random), outcome.retryAfterMs ?? 0)
      if (clock.nowMs() + waitMs - firstMs > giveUpMs) return () => this.#drop(parcel, 'gave_up')
      await this.#sleep(waitMs)
      if (this.#abort.signal.aborted) return () => this.#drop(parcel, 'closing')
    }
  }

  #note(outcome: SendOutcome): void {
    this.#failure = outcome.kind === 'delivered' ? undefined : outcome.reason
  }

  #drop(parcel: Parcel, reason: 'gave_up' | 'closing'): void {
    this.#options.accounting.drop(parcel.signal, parcel.itemCount, reason)
  }

  /** The parcel leaves the queue, in bytes and in items at once. */
  #leave(parcel: Parcel, account: () => void): void {
    this.#queuedBytes -= weightBytes(parcel)
    account()
    this.#reportEmpty()
  }

  #reportEmpty(): void {
    if (this.#waiting.size + this.#inFlightCount === 0) this.#onEmpty?.()
  }

  #sleep(delayMs: number): Promise<void> {
    const { signal } = this.#abort
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancel()
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const timer = this.#options.clock.after(delayMs, wake)
      signal.addEventListener('abort', wake)
    })
  }
}

/** First in, first out, without moving what waits behind at every step. */
class ParcelQueue {
  #items: (Parcel | undefined)[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(parcel: Parcel): void {
    this.#items.push(parcel)
  }

  take(): Parcel | undefined {
    const parcel = this.#items[this.#head]
    if (parcel === undefined) return undefined
    this.#items[this.#head++] = undefined
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return parcel
  }
}
