import type { Readable } from 'node:stream'
import { type Layout, layoutFor } from './render/layout.ts'
import type { Line } from './text/line.ts'
import { paint } from './text/paint.ts'
import type { TextSink } from './text-sink.ts'

/** What the process has of the outside world; commands get it and touch nothing else. */
export interface Terminal {
  readonly stdin: Readable
  readonly out: TextSink
  readonly err: TextSink
  readonly env: Readonly<Record<string, string | undefined>>
  /** Calls `listener` for each Ctrl-C or SIGTERM, which then do not end the process by themselves. */
  readonly onStopSignal: (listener: (signal: StopSignal) => void) => void
}

/** What ends `serve`. */
export type StopSignal = 'SIGINT' | 'SIGTERM'

/** Prints lines to the standard output, coloured where that is wanted and can be seen. */
export function print(terminal: Terminal, lines: readonly Line[], noColor = false): void {
  terminal.out.write(paint(lines, { colour: isColoured(terminal, terminal.out, noColor) }))
}

/** Prints lines to the standard error. */
export function complain(terminal: Terminal, lines: readonly Line[], noColor = false): void {
  terminal.err.write(paint(lines, { colour: isColoured(terminal, terminal.err, noColor) }))
}

/** Of all that `--json` prints. Grows when a member changes its meaning or goes; new members do not count. */
const SCHEMA_VERSION = 1

/** One JSON document a line. */
export function printJson(terminal: Terminal, members: object): void {
  terminal.out.write(`${JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...members })}\n`)
}

/** The same document begun: the caller writes its other members, each after a comma, and its end. */
export function beginJson(terminal: Terminal, members: object): void {
  terminal.out.write(JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...members }).slice(0, -1))
}

/** Room on the standard output: that of the terminal, else the usual one. */
export function outputLayout({ out }: Terminal): Layout {
  return layoutFor(out.isTty ? out.columns : undefined)
}

/** Complaints wrap where a person reads them; in a log each stays one line, to be found by grep. */
export function complaintLayout({ err }: Terminal): Layout {
  return err.isTty ? layoutFor(err.columns) : { width: Number.POSITIVE_INFINITY }
}

/** See https://no-color.org: any text but the empty one switches colours off. */
function isColoured({ env }: Terminal, sink: TextSink, noColor: boolean): boolean {
  const isRefused = noColor || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  return sink.isTty && !isRefused
}
