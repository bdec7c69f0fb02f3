import {
  ListenError,
  PortInUseError,
  type RunningCollector,
  SettingError,
  StateDirectoryError,
  StateDirectoryInUseError,
  startCollector,
} from '@qflow-otel/collector'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { collectorOptions, settingsFrom } from '../option/analysis-settings.ts'
import { parseDurationMs } from '../option/duration.ts'
import { HELP, JSON_OUTPUT, NO_COLOR } from '../option/option.ts'
import { lastOf, type Parsed, usageFailure } from '../option/parse-options.ts'
import type { StopSignal, Terminal } from '../terminal.ts'
import type { Command } from './command.ts'
import { summaryOf } from './register.ts'
import { type ServeLog, serveLog } from './serve-log.ts'

/** `qflow-otel serve`: a collector until somebody ends it. */
export const serve: Command = {
  definition: {
    ...summaryOf('serve'),
    paragraphs: [
      'Receives OTLP/HTTP, forwards it unchanged, analyses it and shows a live page. Prints a line for each alert (what became worse, once for each cause) when it opens, comes back or is over; --json every change of every finding.',
      'Ctrl-C or SIGTERM ends it after what was accepted has been forwarded; a second one ends it at once.',
    ],
    options: [
      {
        name: 'duration',
        value: 'TIME',
        sentence: 'End by itself after this time, e.g. 30s, 5m, 1h.',
      },
      ...collectorOptions,
      { ...JSON_OUTPUT, sentence: 'Print JSON lines with a schemaVersion instead of text.' },
      NO_COLOR,
      HELP,
    ],
  },

  async run(parsed, terminal) {
    if (parsed.positionals.length > 0) throw usageFailure('serve', 'serve takes no file')
    const durationText = lastOf(parsed, 'duration')
    const durationMs =
      durationText === undefined ? undefined : parseDurationMs(durationText, '--duration')
    const log = serveLog(parsed, terminal)
    const collector = await start(parsed, { terminal, log })
    return runUntilStopped(collector, { terminal, log, durationMs })
  },
}

async function start(
  parsed: Parsed,
  { terminal, log }: { terminal: Terminal; log: ServeLog },
): Promise<RunningCollector> {
  const settings = settingsFrom(parsed, terminal.env)
  try {
    return await startCollector({
      ...settings,
      onMessage: (message) => log.message(message),
      onFindings: (changes) => log.findings(changes),
    })
  } catch (error) {
    throw startFailure(error)
  }
}

async function runUntilStopped(
  collector: RunningCollector,
  run: { terminal: Terminal; log: ServeLog; durationMs: number | undefined },
): Promise<ExitCode> {
  const { terminal, log, durationMs } = run
  const signals = signalQueue(terminal)
  log.listening(collector)
  const reason = await Promise.race([
    signals.first,
    terminal.out.gone.then(() => 'output closed' as const),
    ...(durationMs === undefined ? [] : [after(durationMs)]),
  ])
  log.closing(reason)
  const forced = await Promise.race([collector.close(), signals.second])
  if (forced !== undefined) return forced === 'SIGINT' ? EXIT.interrupted : EXIT.terminated
  log.closed(collector)
  return EXIT.ok
}

function signalQueue(terminal: Terminal): {
  first: Promise<StopSignal>
  second: Promise<StopSignal>
} {
  const waiting: ((signal: StopSignal) => void)[] = []
  const next = () => new Promise<StopSignal>((resolve) => waiting.push(resolve))
  const queue = { first: next(), second: next() }
  terminal.onStopSignal((signal) => waiting.shift()?.(signal))
  return queue
}

function after(ms: number): Promise<'duration over'> {
  return new Promise((resolve) => setTimeout(() => resolve('duration over'), ms))
}

/** What keeps a collector from starting, and what to do about it. */
function startFailure(error: unknown): unknown {
  if (error instanceof PortInUseError) {
    return new Failure({
      code: EXIT.connection,
      message: `port ${error.port} of ${error.host} is in use by another program`,
      advice: [
        portAdvice(error.port),
        'Or end that program, or use it: it may be a collector already.',
      ],
    })
  }
  if (error instanceof ListenError) {
    return new Failure({ code: EXIT.connection, message: error.message })
  }
  const isSetting =
    error instanceof SettingError ||
    error instanceof StateDirectoryError ||
    error instanceof StateDirectoryInUseError
  return isSetting ? new Failure({ code: EXIT.usage, message: error.message }) : error
}

/** Whoever moves the collector has to tell the applications. */
function portAdvice(port: number): string {
  const other = port < 65_535 ? port + 1 : port - 1
  return `Choose another one: qflow-otel serve --port ${other}, and in the application OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${other}`
}
