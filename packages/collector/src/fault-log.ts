/** Faults of our own that must not end the process: counted, kept for /health, and said once per text. */
export class FaultLog {
  readonly #say: (text: string) => void
  readonly #said = new Set<string>()
  #count = 0
  #last: string | undefined

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  get count(): number {
    return this.#count
  }

  get last(): string | undefined {
    return this.#last
  }

  add(error: unknown): void {
    this.#count += 1
    this.#last = error instanceof Error ? error.message : String(error)
    if (this.#said.has(this.#last) || this.#said.size >= MAX_SAID) return
    this.#said.add(this.#last)
    // The stack names the place in our code; it holds nothing of the input but the message.
    this.#say(error instanceof Error ? (error.stack ?? error.message) : this.#last)
  }
}

/** Different texts that are said; hostile input could otherwise make a new one each time. */
const MAX_SAID = 20
