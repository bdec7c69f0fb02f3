import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** A program of a test: what it printed so far, and how to end it. */
export interface Program {
  readonly child: ChildProcess
  output(): string
  /** Resolves with the first match in what it prints; rejects when it ends without one. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  /** Asks it to end and waits; kills it by its id when it does not. */
  stop(): Promise<number | null>
}

/** Longer than the command takes to forward what it accepted from a test. */
const STOP_TIMEOUT_MS = 15_000
/** A peer's start on a busy machine, many times over. */
const WAIT_TIMEOUT_MS = 60_000
const ASK_EVERY_MS = 50

/** Starts a program with this one's environment and `env`; both of its outputs are kept as one text. */
export function startProgram(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Program {
  const child = spawn(file, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => (text += String(chunk)))
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  const ended = once(child, 'close')
  return {
    child,
    output: () => text,
    printed: (pattern) =>
      until(
        () => {
          const match = pattern.exec(text)
          if (match === null && child.exitCode !== null)
            throw new Error(`${file} ended: ${text.slice(-2000)}`)
          return match ?? undefined
        },
        `${file} prints ${String(pattern)}`,
      ),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      await ended
      clearTimeout(timer)
      return child.exitCode
    },
  }
}

/** Asks again and again until there is an answer; says what it waited for when there is none in time. */
export async function until<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  what: string,
): Promise<T> {
  const lastMs = Date.now() + WAIT_TIMEOUT_MS
  while (Date.now() < lastMs) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS))
  }
  throw new Error(`waited ${WAIT_TIMEOUT_MS} ms in vain: ${what}`)
}

/** A port nobody uses now, for programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  return address.port
}
