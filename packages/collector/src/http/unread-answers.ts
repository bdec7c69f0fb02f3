import type { ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'

/** Five reports of 2,000 flows. A client on this machine reads one in well under a second. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024
/** How long an answer may take to be read though others wait for its room. */
export const UNREAD_GRACE_MS = 10_000

export interface UnreadState {
  readonly unreadBytes: number
  /** Questions answered with 503 because too much was unread. */
  readonly refusedCount: number
  /** Connections closed because their answer took longer than others could wait. */
  readonly closedCount: number
}

interface Unread {
  readonly bytes: number
  readonly sinceMs: number
}

/**
 * What was answered and is not read, over all connections. Clients that ask and do not read would fill the memory with
 * answers: at the bound those older than the grace go, and if that is not enough the question is not answered.
 *
 * The bound is looked at before an answer is made, as its size is not known then: the newest may exceed it.
 */
export class UnreadAnswers {
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #maxBytes: number
  /** The oldest first. */
  readonly #answers = new Map<ServerResponse, Unread>()
  #unreadBytes = 0
  #refusedCount = 0
  #closedCount = 0

  constructor(clock: Pick<Clock, 'nowMs'>, maxBytes: number = MAX_UNREAD_BYTES) {
    this.#clock = clock
    this.#maxBytes = maxBytes
  }

  get state(): UnreadState {
    return {
      unreadBytes: this.#unreadBytes,
      refusedCount: this.#refusedCount,
      closedCount: this.#closedCount,
    }
  }

  /** Whether another question may be answered; one that may not is counted. */
  admits(): boolean {
    this.#closeLate()
    if (!this.#isFull) return true
    this.#refusedCount += 1
    return false
  }

  /** Counts an answer that is about to be written, until it is read or its client is gone. */
  add(response: ServerResponse, bytes: number): void {
    if (response.destroyed) return
    this.#answers.set(response, { bytes, sinceMs: this.#clock.nowMs() })
    this.#unreadBytes += bytes
    response.once('close', () => this.#release(response))
  }

  get #isFull(): boolean {
    return this.#unreadBytes >= this.#maxBytes
  }

  #closeLate(): void {
    const lateMs = this.#clock.nowMs() - UNREAD_GRACE_MS
    for (const [response, { sinceMs }] of this.#answers) {
      if (!this.#isFull || sinceMs > lateMs) return
      this.#closedCount += 1
      this.#release(response)
      response.destroy()
    }
  }

  #release(response: ServerResponse): void {
    this.#unreadBytes -= this.#answers.get(response)?.bytes ?? 0
    this.#answers.delete(response)
  }
}
