import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** A program's start on a busy machine, many times over. */
const LIMIT_MS = 60_000
const LOOK_EVERY_MS = 100

/** What `look` sees as soon as it sees something; another process has its own time, so it looks again and again. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  limitMs: number = LIMIT_MS,
): Promise<T> {
  const endMs = performance.now() + limitMs
  while (performance.now() < endMs) {
    const seen = await look()
    if (seen !== undefined) return seen
    await wait(LOOK_EVERY_MS)
  }
  throw new Error(`not within ${limitMs / 1000} s: ${what}`)
}

/** A port nobody uses now, for programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return address.port
}
