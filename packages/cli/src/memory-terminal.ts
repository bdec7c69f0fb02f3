import { Readable } from 'node:stream'
import type { StopSignal, Terminal } from './terminal.ts'
import type { TextSink } from './text-sink.ts'

/** A terminal in memory, for tests. */
export interface MemoryTerminal extends Terminal {
  readonly outText: () => string
  readonly errText: () => string
  readonly signal: (signal: StopSignal) => void
}

/** What a test wants the terminal to be; a pipe without input where it says nothing. */
export interface MemoryTerminalOptions {
  readonly stdin?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
  readonly isTty?: boolean
  readonly columns?: number
}

/** Keeps what is printed, and sends signals when told to. */
export function memoryTerminal(options: MemoryTerminalOptions = {}): MemoryTerminal {
  const { stdin, env = {}, isTty = false, columns } = options
  const listeners: ((signal: StopSignal) => void)[] = []
  const [out, err] = [memorySink(isTty, columns), memorySink(isTty, columns)]
  return {
    stdin: Readable.from(stdin === undefined ? [] : [Buffer.from(stdin)]),
    out,
    err,
    env,
    onStopSignal: (listener) => listeners.push(listener),
    outText: () => out.text(),
    errText: () => err.text(),
    signal: (signal) => {
      for (const listener of listeners) listener(signal)
    },
  }
}

function memorySink(isTty: boolean, columns: number | undefined): TextSink & { text(): string } {
  let written = ''
  return {
    isTty,
    columns,
    failure: undefined,
    write: (text) => {
      written += text
    },
    gone: new Promise(() => {}),
    flush: () => Promise.resolve(),
    text: () => written,
  }
}
