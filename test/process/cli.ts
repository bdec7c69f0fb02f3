import { fileURLToPath } from 'node:url'
import {
  type EndedProcess,
  type RunningProcess,
  type StartOptions,
  startProcess,
} from './start-process.ts'

/** The command as it is installed. */
const BINARY = fileURLToPath(new URL('../../packages/cli/dist/main.mjs', import.meta.url))

/** Starts the built command in a process of its own. */
export function startCli(argv: readonly string[], options: StartOptions = {}): RunningProcess {
  return startProcess(process.execPath, [BINARY, ...argv], options)
}

export function runCli(...args: Parameters<typeof startCli>): Promise<EndedProcess> {
  return startCli(...args).ended
}

export interface CollectorProcess extends RunningProcess {
  readonly url: string
  readonly port: number
}

/** The built command as a collector on a free port, once it listens; `stop` ends it when all it was given is analysed. */
export async function startCollectorProcess(...flags: string[]): Promise<CollectorProcess> {
  const cli = startCli(['serve', '--port', '0', '--json', ...flags])
  const [line] = await cli.printed(/^\{.*"kind":"listening".*\}\n/m)
  // What `serve` prints first; the command's README has its form.
  const { url, port } = JSON.parse(line) as { url: string; port: number }
  return { ...cli, url, port }
}

/** What a collector answers to a question of its API; absent when it knows nothing of it. */
export async function ask<T>(url: string, path: string): Promise<T | undefined> {
  const response = await fetch(`${url}${path}`)
  if (response.status === 404) return undefined
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${await response.text()}`)
  // Each test names the form that this path answers in.
  return (await response.json()) as T
}
