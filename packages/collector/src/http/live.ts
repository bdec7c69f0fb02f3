import type { ServerResponse } from 'node:http'
import { type Clock, type Timer, unixMsOf } from '../clock.ts'

/** Pages that may follow at once; each holds a connection. */
export const MAX_LIVE_CLIENTS = 64
const REVISION_MS = 1_000
const HEARTBEAT_MS = 15_000
/** A client that has this much unread is not reading; it is let go and comes back by itself. */
const MAX_UNREAD_BYTES = 64 * 1024

/** Tells the pages, as Server-Sent Events, that there is something new: at most once a second. */
export class LiveStream {
  readonly #clock: Clock
  readonly #revision: () => number
  readonly #clients = new Set<ServerResponse>()
  readonly #timers: readonly Timer[]
  #toldRevision = 0
  #lostCount = 0

  /** @param revision grows with everything that changes an answer. */
  constructor(clock: Clock, revision: () => number) {
    this.#clock = clock
    this.#revision = revision
    this.#timers = [
      clock.every(REVISION_MS, () => this.#tell()),
      clock.every(HEARTBEAT_MS, () => this.#send(': still here\n\n')),
    ]
  }

  get clientCount(): number {
    return this.#clients.size
  }

  /** Clients that were let go because they did not read. */
  get lostCount(): number {
    return this.#lostCount
  }

  /** Takes the response over, headers included; false when there are too many clients. */
  follow(response: ServerResponse, headers: Readonly<Record<string, string>>): boolean {
    if (this.#clients.size >= MAX_LIVE_CLIENTS) return false
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' })
    response.write(`retry: 2000\n\n${this.#event()}`)
    this.#clients.add(response)
    response.on('close', () => this.#clients.delete(response))
    return true
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel()
    for (const client of this.#clients) client.end()
    this.#clients.clear()
  }

  #tell(): void {
    const revision = this.#revision()
    if (revision === this.#toldRevision) return
    this.#toldRevision = revision
    this.#send(this.#event())
  }

  #event(): string {
    const data = { revision: this.#revision(), nowUnixMs: unixMsOf(this.#clock) }
    return `event: revision\ndata: ${JSON.stringify(data)}\n\n`
  }

  #send(text: string): void {
    for (const client of this.#clients) {
      if (client.writableLength > MAX_UNREAD_BYTES) {
        this.#lostCount += 1
        this.#clients.delete(client)
        client.destroy()
        continue
      }
      client.write(text)
    }
  }
}
