import type { Clock, Timer } from './clock.ts'

interface Due {
  atMs: number
  readonly periodMs: number | undefined
  readonly run: () => void
}

/** A clock for tests: it stands still until `advance` moves it, timer by timer, in order of their time. */
export class FakeClock implements Clock {
  readonly #startUnixMs: number
  readonly #due = new Set<Due>()
  #nowMs = 0

  constructor(startUnixMs = 1_700_000_000_000) {
    this.#startUnixMs = startUnixMs
  }

  nowUnixNs(): bigint {
    return BigInt(Math.round(this.#startUnixMs + this.#nowMs)) * 1_000_000n
  }

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#add({ atMs: this.#nowMs + delayMs, periodMs: undefined, run })
  }

  every(periodMs: number, run: () => void): Timer {
    return this.#add({ atMs: this.#nowMs + periodMs, periodMs, run })
  }

  get timerCount(): number {
    return this.#due.size
  }

  /** Moves on by `ms`; after each timer, what it made ready may run before the next one. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    for (;;) {
      await settle()
      const next = this.#nextUntil(endMs)
      if (next === undefined) break
      this.#nowMs = next.atMs
      if (next.periodMs === undefined) this.#due.delete(next)
      else next.atMs += next.periodMs
      next.run()
    }
    this.#nowMs = endMs
    await settle()
  }

  #add(due: Due): Timer {
    this.#due.add(due)
    return { cancel: () => void this.#due.delete(due) }
  }

  #nextUntil(endMs: number): Due | undefined {
    return [...this.#due]
      .filter((due) => due.atMs <= endMs)
      .sort((left, right) => left.atMs - right.atMs)[0]
  }
}

/** Lets everything that is ready run: promise reactions and one turn of the event loop. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
