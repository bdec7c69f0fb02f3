import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { startCli } from './cli/cli.ts'

export interface EndedChild {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface RunningChild {
  readonly child: ChildProcess
  readonly out: () => string
  /** Once the process and every process that shares its output is gone. */
  readonly ended: Promise<EndedChild>
}

/** Starts Node in a process of its own, with nothing of this one's environment but the path. */
export function startNode(
  argv: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): RunningChild {
  const child = spawn(process.execPath, [...argv], {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const ended = new Promise<EndedChild>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
  return { child, out: () => out, ended }
}

export interface CollectorProcess {
  readonly url: string
  readonly child: ChildProcess
  /** Ends it by a signal; everything that it was given is analysed by then. */
  stop(): Promise<EndedChild>
}

/** The built command as a collector on a free port. */
export async function startCollectorProcess(...flags: string[]): Promise<CollectorProcess> {
  const { child, printed, ended } = startCli(['serve', '--port', '0', '--json', ...flags])
  const [line = ''] = (await printed('\n')).split('\n')
  const { url } = JSON.parse(line) as { url: string }
  return {
    url,
    child,
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** What a collector answers to a question of its API; absent when it knows nothing of it. */
export async function ask<T>(url: string, path: string): Promise<T | undefined> {
  const response = await fetch(`${url}${path}`)
  if (response.status === 404) return undefined
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${await response.text()}`)
  // Each test names the form that this path answers in.
  return (await response.json()) as T
}

/** What `look` sees as soon as it sees something; another process has its own time, so it looks again and again. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  limitMs = 60_000,
): Promise<T> {
  const endMs = performance.now() + limitMs
  while (performance.now() < endMs) {
    const seen = await look()
    if (seen !== undefined) return seen
    await wait(200)
  }
  throw new Error(`not within ${limitMs / 1000} s: ${what}`)
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return address.port
}
