import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { type Clock, type Timer, unixMsOf } from '../clock.ts'
import { type DirectoryLock, LOCK_REFRESH_MS, lockDirectory } from './lock.ts'
import { type Restored, readSnapshot, writeSnapshot } from './snapshot-file.ts'

/** The state directory cannot be made or written. */
export class StateDirectoryError extends Error {
  override readonly name = 'StateDirectoryError'

  constructor(directory: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`${directory}: expected a directory to keep state in, found: ${reason}`, { cause })
  }
}

export interface StateDirectoryState {
  readonly directory: string
  readonly restored: 'nothing' | 'snapshot' | 'set_aside'
  /** Where an unusable snapshot went, and why. */
  readonly setAside: { readonly file: string; readonly reason: string } | undefined
  readonly writtenUnixMs: number | undefined
  /** Why the last write failed; absent once one succeeds again. */
  readonly failure: string | undefined
}

/** Keeps one snapshot on disk, by timer and at close, while it holds the directory's lock. */
export class StateDirectory {
  readonly #directory: string
  readonly #clock: Clock
  readonly #lock: DirectoryLock
  readonly #timers: readonly Timer[]
  readonly #take: () => unknown
  #writing: Promise<void> = Promise.resolve()
  #pendingCount = 0
  #state: StateDirectoryState

  private constructor(parts: {
    directory: string
    clock: Clock
    lock: DirectoryLock
    restored: Restored<unknown>
    take: () => unknown
    intervalMs: number
  }) {
    this.#directory = parts.directory
    this.#clock = parts.clock
    this.#lock = parts.lock
    this.#take = parts.take
    this.#state = initialState(parts.directory, parts.restored)
    this.#timers = [
      parts.clock.every(parts.intervalMs, () => this.#writeByTimer()),
      parts.clock.every(LOCK_REFRESH_MS, () => void this.#refresh()),
    ]
  }

  /**
   * Locks the directory (made when absent) and gives what it holds to `restore`; `take` yields what to write.
   * Throws `StateDirectoryInUseError` or `StateDirectoryError`.
   */
  static async open(options: {
    readonly directory: string
    readonly clock: Clock
    readonly intervalMs: number
    readonly restore: (snapshot: unknown) => void
    readonly take: () => unknown
  }): Promise<StateDirectory> {
    const directory = path.resolve(options.directory)
    await operating(directory, () => makeDirectory(directory))
    const lock = await operating(directory, () => lockDirectory(directory, unixMsOf(options.clock)))
    try {
      const restored = await operating(directory, () => readSnapshot(directory, options.restore))
      return new StateDirectory({ ...options, directory, lock, restored })
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  get state(): StateDirectoryState {
    return this.#state
  }

  /** Writes now, after a write that is under way. Never rejects: a failure is in `state`. */
  write(): Promise<void> {
    this.#pendingCount += 1
    this.#writing = this.#writing.then(() => this.#writeOnce())
    return this.#writing
  }

  /** Stops the timers, writes a last time and gives the directory free. */
  async close(): Promise<void> {
    for (const timer of this.#timers) timer.cancel()
    await this.write()
    await this.#lock.release()
  }

  /** A disk that is slower than the timer is not given more to do. */
  #writeByTimer(): void {
    if (this.#pendingCount === 0) void this.write()
  }

  async #writeOnce(): Promise<void> {
    const writtenUnixMs = unixMsOf(this.#clock)
    try {
      await writeSnapshot(this.#directory, this.#take(), writtenUnixMs)
      this.#state = { ...this.#state, writtenUnixMs, failure: undefined }
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#pendingCount -= 1
    }
  }

  async #refresh(): Promise<void> {
    try {
      await this.#lock.refresh(unixMsOf(this.#clock))
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    const failure = error instanceof Error ? error.message : String(error)
    this.#state = { ...this.#state, failure }
  }
}

function initialState(directory: string, restored: Restored<unknown>): StateDirectoryState {
  return {
    directory,
    restored: restored.kind,
    setAside:
      restored.kind === 'set_aside' ? { file: restored.file, reason: restored.reason } : undefined,
    writtenUnixMs: restored.kind === 'snapshot' ? restored.writtenUnixMs : undefined,
    failure: undefined,
  }
}

/** With its parents. */
async function makeDirectory(directory: string): Promise<void> {
  let first = directory
  for (let at = directory; !existsSync(at); at = path.dirname(at)) first = at
  // Where a file system takes no directories (`/proc`), Node's recursive form tries for ever; the plain one says so.
  if (!existsSync(first)) await mkdir(first, { mode: 0o700 })
  await mkdir(directory, { recursive: true, mode: 0o700 })
}

/** A failure of the disk becomes an error that names the directory; what already has a name keeps it. */
async function operating<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new StateDirectoryError(directory, error)
    throw error
  }
}
