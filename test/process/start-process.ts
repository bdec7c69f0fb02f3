import { type ChildProcess, spawn } from 'node:child_process'

/** How a process of a test ended, and all that it printed. */
export interface EndedProcess {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface RunningProcess {
  readonly child: ChildProcess
  /** The standard output so far. */
  out(): string
  /** The first match in its output or in its errors; rejects when it ends without one. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  /** Once the process and every process that shares its output is gone; rejects when it could not be started. */
  readonly ended: Promise<EndedProcess>
  /** Asks it to end and waits; kills it by its id when it does not. */
  stop(): Promise<EndedProcess>
}

export interface StartOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: Buffer
  /** Killed after this time. */
  readonly timeoutMs?: number
}

/** Longer than the command takes to forward what it accepted from a test. */
const STOP_TIMEOUT_MS = 15_000

/** The one way in which tests start a program that runs beside them: with nothing of their environment but the path. */
export function startProcess(
  file: string,
  argv: readonly string[],
  { cwd, env, stdin, timeoutMs }: StartOptions = {},
): RunningProcess {
  const child = spawn(file, argv, {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: 'pipe',
    ...(timeoutMs !== undefined && { timeout: timeoutMs, killSignal: 'SIGKILL' as const }),
  })
  const printed = { out: '', err: '' }
  const waiting = new Set<() => void>()
  for (const [name, stream] of [
    ['out', child.stdout],
    ['err', child.stderr],
  ] as const)
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
      for (const look of waiting) look()
    })
  child.stdin.on('error', () => {}) // a program that does not read may end first
  child.stdin.end(stdin)
  const ended = new Promise<EndedProcess>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...printed }))
  })
  ended.catch(() => {}) // whoever waits for it is told
  return {
    child,
    out: () => printed.out,
    ended,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(printed.out) ?? pattern.exec(printed.err)
          if (match === null) return
          waiting.delete(look)
          resolve(match)
        }
        waiting.add(look)
        look()
        const missed = ({ out, err }: EndedProcess) =>
          reject(new Error(`${file} ended without ${String(pattern)}:\n${out}\n${err}`))
        ended.then(missed, reject)
      }),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      try {
        return await ended
      } finally {
        clearTimeout(timer)
      }
    },
  }
}
