#!/usr/bin/env node
import { reportLostOutput, run } from './run.ts'
import type { StopSignal, Terminal } from './terminal.ts'
import { streamSink } from './text-sink.ts'

// The process: the only place that reads argv, owns the streams and sets the exit code.
const terminal: Terminal = {
  stdin: process.stdin,
  out: streamSink(process.stdout),
  err: streamSink(process.stderr),
  env: process.env,
  onStopSignal: (listener) => {
    const signals: readonly StopSignal[] = ['SIGINT', 'SIGTERM']
    for (const signal of signals) process.on(signal, () => listener(signal))
  },
}
const code = await run(process.argv.slice(2), terminal)
await terminal.out.flush()
process.exitCode = reportLostOutput(terminal) ?? code
await terminal.err.flush()
// Nothing is left to do; a stream that nobody reads must not hold the process.
process.exit()
