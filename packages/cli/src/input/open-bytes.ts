import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip, type Gunzip } from 'node:zlib'
import { headOf, withHead } from './byte-stream.ts'
import { InputError } from './input-error.ts'

/** The name under which files are asked for on the standard input. */
export const STDIN_NAME = '-'

/** Where bytes come from, and who is told of them. */
export interface BytesOptions {
  readonly stdin: Readable
  /** Told how many bytes were read, before decompression. */
  readonly onRead: (byteCount: number) => void
}

/** The bytes of a file or of the standard input, decompressed when they begin as gzip does. */
export async function* openBytes(name: string, options: BytesOptions): AsyncGenerator<Buffer> {
  const source = counted(rawBytes(name, options.stdin), options.onRead)
  const first = await headOf(source, MAGIC_BYTES)
  if (startsWith(first, ZSTD_MAGIC)) {
    throw new InputError({
      at: 'byte 0',
      expected: 'plain or gzip data',
      found: 'zstd; decompress it first, as in: zstd -dc FILE | qflow-otel analyze -',
    })
  }
  if (startsWith(first, GZIP_MAGIC)) yield* inflated(withHead(first, source))
  else yield* withHead(first, source)
}

/** Source: RFC 1952 section 2.3.1. */
const GZIP_MAGIC = [0x1f, 0x8b] as const
/** Source: RFC 8878 section 3.1.1. */
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd] as const
const MAGIC_BYTES = 4
/** Above Node's 64 KiB: each chunk costs a turn of the event loop, whatever its size. */
const CHUNK_BYTES = 256 * 1024

function rawBytes(name: string, stdin: Readable): AsyncIterable<Buffer> {
  return name === STDIN_NAME ? stdin : createReadStream(name, { highWaterMark: CHUNK_BYTES })
}

async function* counted(
  source: AsyncIterable<Buffer>,
  onRead: (byteCount: number) => void,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of source) {
      onRead(chunk.length)
      yield chunk
    }
  } catch (error) {
    throw readProblem(error)
  }
}

async function* inflated(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  let sourceError: unknown
  const fed = feed(source, gunzip).catch((error: unknown) => {
    sourceError = error
    gunzip.destroy(error instanceof Error ? error : new Error(String(error)))
  })
  let inflatedCount = 0
  try {
    for await (const chunk of gunzip) {
      inflatedCount += chunk.length
      yield chunk
    }
    await fed
  } catch (error) {
    if (sourceError instanceof InputError) throw sourceError
    throw new InputError({
      at: `after ${inflatedCount} decompressed bytes`,
      expected: 'a complete gzip stream',
      found: messageOf(error),
    })
  }
}

/** Writes with back-pressure, so that a slow reader bounds what is held. */
async function feed(source: AsyncIterable<Buffer>, gunzip: Gunzip): Promise<void> {
  for await (const chunk of source) {
    // Whoever read the other end has stopped.
    if (gunzip.destroyed) return
    if (gunzip.write(chunk)) continue
    await new Promise<void>((resolve) => {
      gunzip.once('drain', resolve)
      gunzip.once('close', resolve)
    })
  }
  gunzip.end()
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'a directory',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  ENOTDIR: 'a path through something that is no directory',
  ELOOP: 'a loop of symbolic links',
}

function readProblem(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  if (code === undefined) return error
  return new InputError({
    at: '',
    expected: 'a file to read',
    found: REASONS[code] ?? messageOf(error),
  })
}

function startsWith(bytes: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, at) => bytes[at] === byte)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
