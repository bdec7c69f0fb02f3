import type { IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'
import type { Problem } from './answer.ts'
import { BodyParts } from './body-parts.ts'

/** A body that was not taken, as the problem to answer with. */
export class BodyError extends Error {
  override readonly name = 'BodyError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

/** The sender went away before its body was complete; there is nobody left to answer. */
export class AbortedBodyError extends Error {
  override readonly name = 'AbortedBodyError'
}

/** Bytes of bodies that are being read at the same time, over all connections. */
export class ReadBudget {
  readonly #capacityBytes: number
  #usedBytes = 0

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  take(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.#capacityBytes) return false
    this.#usedBytes += bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#usedBytes -= bytes
  }
}

/** Seconds after which a sender that was told 503 should come back; its own back-off starts at as much. */
export const RETRY_AFTER_SECONDS = 5

/**
 * Reads a request body within `maxBytes`. An oversized one is read on and thrown away up to twice the
 * limit, because a sender that is still writing would not see the answer.
 *
 * Throws `BodyError` (413, 503) or `AbortedBodyError`. The bytes count against `budget` while it reads.
 */
export function readBody(
  request: IncomingMessage,
  limits: { maxBytes: number; budget: ReadBudget },
): Promise<Buffer> {
  const { maxBytes, budget } = limits
  return new Promise((resolve, reject) => {
    const parts = new BodyParts()
    let seenBytes = 0
    let problem: Problem | undefined
    const release = () => {
      budget.giveBack(parts.byteCount)
      parts.clear()
    }
    const settle = (finish: () => void) => {
      release()
      finish()
    }
    const refuse = (found: Problem) => {
      problem ??= found
      release()
    }
    request.on('data', (chunk: Buffer) => {
      seenBytes += chunk.length
      if (seenBytes > maxBytes) refuse(tooLarge(maxBytes, `at least ${seenBytes} bytes`))
      if (problem === undefined && !budget.take(chunk.length)) refuse(busy())
      if (problem === undefined) return parts.add(chunk)
      if (seenBytes <= 2 * maxBytes) return
      const found = problem
      request.pause()
      settle(() => reject(new BodyError(found)))
    })
    request.on('end', () => {
      const found = problem
      if (found !== undefined) return settle(() => reject(new BodyError(found)))
      budget.giveBack(parts.byteCount)
      resolve(parts.take())
    })
    // `close` without `end` is an abort; after `end` the promise is settled and this does nothing.
    request.on('close', () => settle(() => reject(new AbortedBodyError('request aborted'))))
    request.on('error', () => settle(() => reject(new AbortedBodyError('request failed'))))
  })
}

/** Reads on and throws away, until the body ends, its sender goes away, or `maxBytes` are over. Never rejects. */
export function discardBody(request: IncomingMessage, maxBytes: number): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    let seenBytes = 0
    request.on('data', (chunk: Buffer) => {
      seenBytes += chunk.length
      if (seenBytes > maxBytes) resolve()
    })
    for (const event of ['end', 'close', 'error']) request.on(event, () => resolve())
    request.resume()
  })
}

/**
 * Undoes `Content-Encoding`; throws `BodyError` with 400 for bytes that are not gzip and 413 for more than
 * `maxBytes` or for a bomb; it stops there. Synchronous on purpose: at the size of a batch it costs half of what
 * the thread pool costs, and at most one inflated body exists at a time.
 */
export function inflate(body: Buffer, encoding: ContentEncoding, maxBytes: number): Buffer {
  if (encoding === 'identity') return body
  const honestBytes = Math.max(MAX_INFLATION_RATIO * body.length, UNSUSPECTED_BYTES)
  try {
    return gunzipSync(body, { maxOutputLength: Math.min(maxBytes, honestBytes) })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new BodyError(
        maxBytes <= honestBytes
          ? tooLarge(maxBytes, `${body.length} bytes of gzip that hold more`)
          : bomb(body.length),
      )
    const reason = error instanceof Error ? error.message : String(error)
    throw new BodyError({
      status: 400,
      message: `expected a gzip body, found ${body.length} bytes that are not: ${reason}`,
    })
  }
}

/**
 * Telemetry becomes 5 to 20 times as large: its ids alone, 24 random bytes for each span, keep it there. Gzip can do
 * 1,032, and a few KB of it would fill the largest body.
 */
const MAX_INFLATION_RATIO = 100
/** Up to here a body costs little whatever it was made of. */
const UNSUSPECTED_BYTES = 1024 * 1024

export type ContentEncoding = 'identity' | 'gzip'

export function contentEncodingOf(header: string | undefined): ContentEncoding | undefined {
  const name = (header ?? 'identity').trim().toLowerCase()
  if (name === '' || name === 'identity') return 'identity'
  return name === 'gzip' || name === 'x-gzip' ? 'gzip' : undefined
}

function tooLarge(maxBytes: number, found: string): Problem {
  return { status: 413, message: `expected a body of at most ${maxBytes} bytes, found ${found}` }
}

function bomb(gzipBytes: number): Problem {
  const message = `expected gzip that becomes at most ${MAX_INFLATION_RATIO} times as large, found ${gzipBytes} bytes that become more`
  return { status: 413, message }
}

function busy(): Problem {
  return {
    status: 503,
    message: 'too many bodies are being received at once; try again',
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
  }
}
