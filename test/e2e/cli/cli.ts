import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The command as it is installed. */
const BINARY = fileURLToPath(new URL('../../../packages/cli/dist/main.mjs', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface RunningCli {
  readonly child: ChildProcess
  /** The standard output so far, once it holds `text`. */
  readonly printed: (text: string) => Promise<string>
  readonly ended: Promise<Ended>
}

/** Starts the command in a process of its own, with nothing of this one's environment. */
export function startCli(
  argv: readonly string[],
  options: { stdin?: Buffer; env?: Readonly<Record<string, string>> } = {},
): RunningCli {
  const child = spawn(process.execPath, [BINARY, ...argv], {
    env: { PATH: process.env['PATH'], ...options.env },
    stdio: 'pipe',
  })
  let out = ''
  let err = ''
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    for (const look of waiting) look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  child.stdin.on('error', () => {}) // a command that does not read may end first
  child.stdin.end(options.stdin)
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
  const printed = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (!out.includes(text)) return
        waiting.delete(look)
        resolve(out)
      }
      waiting.add(look)
      look()
      void ended.then(() => reject(new Error(`ended without "${text}":\n${out}\n${err}`)))
    })
  return { child, printed, ended }
}

export function runCli(...args: Parameters<typeof startCli>): Promise<Ended> {
  return startCli(...args).ended
}

/** A folder for one test file's inputs. */
export function scratchFolder(): {
  write(name: string, content: string | Buffer): string
  readonly path: string
  remove(): void
} {
  const folder = mkdtempSync(path.join(tmpdir(), 'qflow-otel-cli-'))
  return {
    path: folder,
    write(name, content) {
      const file = path.join(folder, name)
      writeFileSync(file, content)
      return file
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}
