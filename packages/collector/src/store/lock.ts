import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
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

/** Takeovers one start may find broken off or overtaken; more in a row means that something else is at work. */
const MAX_ATTEMPTS = 8

/**
 * Makes the directory this process's own until `release`. A lock whose process is gone is taken over; one of
 * another machine when it was not refreshed for a minute. Of several that try at once, one gets it. Throws
 * `StateDirectoryInUseError`.
 */
export async function lockDirectory(directory: string, nowUnixMs: number): Promise<DirectoryLock> {
  const file = path.join(directory, LOCK)
  const own: Holder = {
    token: randomUUID(),
    pid: process.pid,
    host: hostname(),
    startTicks: startTicksOf(process.pid),
  }
  let isOurs = await create(file, own)
  for (let attempt = 0; !isOurs && attempt < MAX_ATTEMPTS; attempt++)
    isOurs = (await takeOver(directory, own, nowUnixMs)) || (await create(file, own))
  if (!isOurs) throw new StateDirectoryInUseError(directory, 'a process that started just now')
  return {
    refresh: async (unixMs) => {
      const seconds = unixMs / 1000
      await utimes(file, seconds, seconds)
    },
    release: async () => {
      // A lock that somebody removed and took is no longer ours.
      if (holderOf(await read(file))?.token === own.token) await rm(file, { force: true })
    },
  }
}

const LOCK = 'lock'

/** The file whose owner alone may replace a lock, or a claim, with this content: every content has a token. */
export function claimName(content: string): string {
  return `${LOCK}.after-${createHash('sha256').update(content).digest('hex').slice(0, 32)}`
}

/**
 * Replaces a lock that nobody holds; says whether it did. Removing it and making another would let a second process
 * remove what the first has just made. So whoever replaces a lock must first own the claim that follows from its
 * content, which only one can make, and then finds the lock unchanged or gives up:
 *
 *     lock (gone) <- claim (gone: ended while it took over) <- claim (ours), renamed to lock
 */
async function takeOver(directory: string, own: Holder, nowUnixMs: number): Promise<boolean> {
  const seen: { file: string; content: string }[] = []
  let [file, isOurs] = [path.join(directory, LOCK), false]
  while (!isOurs) {
    const content = await read(file)
    if (content === undefined || seen.length === MAX_ATTEMPTS) return false
    const holder = holderOf(content)
    if (holder !== undefined && (await isAlive(holder, file, nowUnixMs)))
      throw new StateDirectoryInUseError(directory, `process ${holder.pid} on ${holder.host}`)
    seen.push({ file, content })
    file = path.join(directory, claimName(content))
    isOurs = await create(file, own)
  }
  const contents = await Promise.all(seen.map((one) => read(one.file)))
  if (seen.some(({ content }, at) => contents[at] !== content)) {
    await rm(file, { force: true })
    return false
  }
  await rename(file, path.join(directory, LOCK))
  for (const { file: claim } of seen.slice(1)) await rm(claim, { force: true })
  return true
}

/** Makes the file, whole at once, unless there is one. */
async function create(file: string, holder: Holder): Promise<boolean> {
  const content = JSON.stringify(holder)
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, content, { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, file)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (!NO_HARD_LINKS.has(codeOf(error))) throw error
    return await createInPlace(file, content)
  } finally {
    await rm(draft, { force: true })
  }
}

const NO_HARD_LINKS: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
])

/** For file systems without hard links: a reader may see the file empty for a moment, and take it as torn. */
async function createInPlace(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** Absent when there is no such file. */
async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function holderOf(content: string | undefined): Holder | undefined {
  if (content === undefined) return undefined
  try {
    const value: unknown = JSON.parse(content)
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
    // Torn by a crash: nobody holds it.
    return undefined
  }
}

async function isAlive(holder: Holder, file: string, nowUnixMs: number): Promise<boolean> {
  if (holder.host !== hostname()) {
    const lock = await stat(file).catch(() => undefined)
    // Gone since it was read: what is there now is looked at next.
    return lock !== undefined && nowUnixMs - lock.mtimeMs < FOREIGN_STALE_MS
  }
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it lives and belongs to another user.
    if (codeOf(error) !== 'EPERM') return false
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
