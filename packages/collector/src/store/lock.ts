import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { open, readFile, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'

/** Another collector uses the directory. */
export class StateDirectoryInUseError extends Error {
  override readonly name = 'StateDirectoryInUseError'
  readonly directory: string

  constructor(directory: string, holder: string) {
    super(
      `${directory}: expected a state directory of its own, found one that ${holder} uses; ` +
        'give each collector another directory',
    )
    this.directory = directory
  }
}

export interface DirectoryLock {
  /** Says that the holder is alive; needed where another machine cannot see the process. */
  refresh(nowUnixMs: number): Promise<void>
  release(): Promise<void>
}

interface Holder {
  readonly token: string
  readonly pid: number
  readonly host: string
  /** Start time of the process in the kernel's ticks: tells a new process that got an old id. */
  readonly startTicks: string | undefined
}

/** How often a holder says that it is alive, and after how long without a word it counts as gone. */
export const LOCK_REFRESH_MS = 10_000
const FOREIGN_STALE_MS = 60_000

/**
 * Makes the directory this process's own until `release`. A lock whose process is gone is taken over; one of
 * another machine when it was not refreshed for a minute. Throws `StateDirectoryInUseError`.
 */
export async function lockDirectory(directory: string, nowUnixMs: number): Promise<DirectoryLock> {
  const file = path.join(directory, 'lock')
  const own: Holder = {
    token: randomUUID(),
    pid: process.pid,
    host: hostname(),
    startTicks: startTicksOf(process.pid),
  }
  if (!(await create(file, own))) {
    const holder = await readHolder(file)
    if (holder !== undefined && (await isAlive(holder, file, nowUnixMs)))
      throw new StateDirectoryInUseError(directory, `process ${holder.pid} on ${holder.host}`)
    await rm(file, { force: true })
    const isTaken = await create(file, own)
    if (!isTaken) throw new StateDirectoryInUseError(directory, 'a process that started just now')
  }
  return {
    refresh: async (unixMs) => {
      const seconds = unixMs / 1000
      await utimes(file, seconds, seconds)
    },
    release: async () => {
      // A lock that somebody removed and took is no longer ours.
      if ((await readHolder(file))?.token === own.token) await rm(file, { force: true })
    },
  }
}

async function create(file: string, holder: Holder): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600)
    await handle.writeFile(JSON.stringify(holder))
    await handle.close()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof value !== 'object' || value === null) return undefined
    const { token, pid, host, startTicks } = value as Partial<Record<keyof Holder, unknown>>
    if (typeof token !== 'string' || typeof pid !== 'number' || typeof host !== 'string')
      return undefined
    return {
      token,
      pid,
      host,
      startTicks: typeof startTicks === 'string' ? startTicks : undefined,
    }
  } catch {
    // Gone, or torn by a crash while it was written: nobody holds it.
    return undefined
  }
}

async function isAlive(holder: Holder, file: string, nowUnixMs: number): Promise<boolean> {
  if (holder.host !== hostname()) return nowUnixMs - (await stat(file)).mtimeMs < FOREIGN_STALE_MS
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it lives and belongs to another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return holder.startTicks === undefined || holder.startTicks === startTicksOf(holder.pid)
}

/** Field 22 of /proc/<pid>/stat; absent where there is no such file. */
function startTicksOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field, a name in parentheses, may hold spaces.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    // Not Linux, or the process has just ended.
    return undefined
  }
}
