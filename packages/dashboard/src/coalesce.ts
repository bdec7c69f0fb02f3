/** A run that many may ask for. */
export interface Coalesced {
  /** Asks for a run; any number of requests while one is under way or too recent become a single one. */
  request(): void
  stop(): void
}

/**
 * Runs `run` at most one at a time and at least `gapMs()` apart, from the end of one to the start of the next.
 * The last request is never lost.
 */
export function coalesce(run: () => Promise<void>, gapMs: () => number): Coalesced {
  let state: 'idle' | 'running' | 'waiting' | 'stopped' = 'idle'
  let isWanted = false
  let timer: ReturnType<typeof setTimeout> | undefined

  function request(): void {
    isWanted = true
    if (state === 'idle') start()
  }

  function start(): void {
    isWanted = false
    state = 'running'
    void run().finally(settle)
  }

  function settle(): void {
    if (state === 'stopped') return
    state = 'waiting'
    timer = setTimeout(() => {
      state = 'idle'
      if (isWanted) start()
    }, gapMs())
  }

  function stop(): void {
    state = 'stopped'
    clearTimeout(timer)
  }

  return { request, stop }
}
