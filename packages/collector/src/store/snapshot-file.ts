import { createHash } from 'node:crypto'
import { open, readFile, rename, stat } from 'node:fs/promises'
import path from 'node:path'

/** What a state directory held; a file that could not be used was set aside. */
export type Restored<Snapshot> =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot; readonly writtenUnixMs: number }
  | { readonly kind: 'set_aside'; readonly file: string; readonly reason: string }

const FORMAT = 'qflow-otel-analyzer'
const FORMAT_VERSION = 1
const FILE = 'analyzer.json'

/** Names that are tried for a file that is set aside; beyond, the last one is overwritten. */
const MAX_SET_ASIDE = 100

/** Writes the snapshot so that a crash at any moment leaves the old one or the new one, whole. */
export async function writeSnapshot(
  directory: string,
  snapshot: unknown,
  writtenUnixMs: number,
): Promise<void> {
  const payload = JSON.stringify(snapshot)
  const head = JSON.stringify({
    format: FORMAT,
    version: FORMAT_VERSION,
    writtenUnixMs,
    sha256: sha256(payload),
  })
  const file = path.join(directory, FILE)
  const temporary = `${file}.tmp`
  const handle = await open(temporary, 'w', 0o600)
  try {
    await handle.writeFile(`${head}\n${payload}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
  await syncDirectory(directory)
}

/**
 * Reads the snapshot and gives it to `restore`. A file that is torn, altered, of another program or version,
 * or that `restore` throws at, is renamed to `analyzer.json.corrupt-<n>` and named with the reason.
 */
export async function readSnapshot<Snapshot>(
  directory: string,
  restore: (snapshot: unknown) => Snapshot,
): Promise<Restored<Snapshot>> {
  const file = path.join(directory, FILE)
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return { kind: 'nothing' }
  try {
    const { payload, writtenUnixMs } = checked(text)
    return { kind: 'snapshot', snapshot: restore(payload), writtenUnixMs }
  } catch (error) {
    const aside = await freeName(file)
    await rename(file, aside)
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'set_aside', file: aside, reason }
  }
}

function checked(text: string): { payload: unknown; writtenUnixMs: number } {
  const split = text.indexOf('\n')
  if (split < 0) throw new Error('expected two lines, found one')
  const head: unknown = JSON.parse(text.slice(0, split))
  if (typeof head !== 'object' || head === null) throw new Error('expected an object in line 1')
  const { format, version, writtenUnixMs, sha256: expected } = head as Record<string, unknown>
  if (format !== FORMAT)
    throw new Error(`expected format ${FORMAT}, found ${JSON.stringify(format)}`)
  if (version !== FORMAT_VERSION)
    throw new Error(`expected version ${FORMAT_VERSION}, found ${JSON.stringify(version)}`)
  if (typeof writtenUnixMs !== 'number') throw new Error('expected writtenUnixMs in line 1')
  const payload = text.slice(split + 1).trimEnd()
  if (sha256(payload) !== expected)
    throw new Error('the checksum of line 2 is not the one of line 1: torn or altered')
  return { payload: JSON.parse(payload), writtenUnixMs }
}

async function freeName(file: string): Promise<string> {
  for (let n = 1; n < MAX_SET_ASIDE; n++) {
    const name = `${file}.corrupt-${n}`
    const exists = await stat(name).then(
      () => true,
      () => false,
    )
    if (!exists) return name
  }
  return `${file}.corrupt-${MAX_SET_ASIDE}`
}

/** Makes the rename itself durable; some systems cannot open a directory, and then it is durable later. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
