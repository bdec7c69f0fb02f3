import { loadCommand } from './command/load.ts'
import { COMMAND_SUMMARIES, type CommandName, isCommandName } from './command/register.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { Failure } from './failure.ts'
import { nearest, typoDistance } from './nearest.ts'
import { commandHelp, programHelp } from './option/help.ts'
import { parseOptions, usageFailure } from './option/parse-options.ts'
import { complain, complaintLayout, outputLayout, print, type Terminal } from './terminal.ts'
import { EMPTY_LINE, type Line, piece } from './text/line.ts'
import { visible } from './text/visible.ts'
import { wrapped } from './text/wrapped.ts'
import { packageVersion } from './version.ts'

/** Further apart than this, it is another word: the names of commands are short. */
const MAX_TYPO_DISTANCE = 3

/** Runs one command line to its end and says with which code. Never throws. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await dispatch(argv, terminal)
  } catch (error) {
    if (!(error instanceof Failure)) return reportFault(error, terminal)
    complain(terminal, failureLines(error, complaintLayout(terminal).width))
    return error.code
  }
}

/** Says that not everything printed has been taken, and the code for it; nothing when all was. */
export function reportLostOutput(terminal: Terminal): ExitCode | undefined {
  const { failure } = terminal.out
  if (failure === undefined) return undefined
  const code = EXIT.outputFailed
  const message = `cannot write the output: ${failure}`
  complain(terminal, failureLines(new Failure({ code, message }), complaintLayout(terminal).width))
  return code
}

async function dispatch(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = argv
  if (name === undefined) {
    complain(terminal, programHelp(COMMAND_SUMMARIES, outputLayout(terminal)))
    return EXIT.usage
  }
  if (name === '--version') return showVersion(terminal)
  if (name === 'help' || name === '--help' || name === '-h') return help(rest[0], terminal)
  if (!isCommandName(name)) throw unknownCommand(name)
  return runCommand(name, rest, terminal)
}

async function runCommand(
  name: CommandName,
  argv: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const command = await loadCommand(name)
  if (argv.includes('--help') || argv.includes('-h')) return help(name, terminal)
  return command.run(parseOptions(command.definition, argv), terminal)
}

async function help(name: string | undefined, terminal: Terminal): Promise<ExitCode> {
  const layout = outputLayout(terminal)
  if (name === undefined) {
    print(terminal, programHelp(COMMAND_SUMMARIES, layout))
    return EXIT.ok
  }
  if (!isCommandName(name)) throw unknownCommand(name)
  const { definition } = await loadCommand(name)
  print(terminal, commandHelp(definition, layout))
  return EXIT.ok
}

function showVersion(terminal: Terminal): ExitCode {
  print(terminal, [[piece(packageVersion())]])
  return EXIT.ok
}

function unknownCommand(name: string): Failure {
  const names = COMMAND_SUMMARIES.map((command) => command.name)
  const maxDistance = typoDistance(name, MAX_TYPO_DISTANCE)
  const [near] = nearest(name, names, { limit: 1, maxDistance })
  const hint = near === undefined ? `one of ${names.join(', ')}` : `did you mean ${near}?`
  return usageFailure('', `unknown command ${visible(name)}, ${hint}`)
}

function failureLines({ message, advice }: Failure, width: number): readonly Line[] {
  const mark = [piece('qflow-otel: ', 'bad')]
  return [
    ...wrapped({ text: message, width, indent: 12, mark }),
    ...advice.flatMap((text) => wrapped({ text, width, indent: 12 })),
  ]
}

/** A bug: its stack is what a report of it needs. */
function reportFault(error: unknown, terminal: Terminal): ExitCode {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  complain(terminal, [
    [piece('qflow-otel: a fault of its own, please report it:', 'bad')],
    ...stack.split('\n').map((line) => [piece(line, 'plain', 500)]),
    EMPTY_LINE,
  ])
  return EXIT.internal
}
