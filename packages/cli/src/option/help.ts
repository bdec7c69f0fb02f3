import { EXIT_MEANINGS } from '../exit-code.ts'
import type { Layout } from '../render/layout.ts'
import { EMPTY_LINE, type Line, piece } from '../text/line.ts'
import { wrapped } from '../text/wrapped.ts'
import type { CommandDefinition, Option } from './option.ts'

const OPTION_COLUMN = 30

/** Help of the whole program. */
export function programHelp(
  commands: readonly Pick<CommandDefinition, 'name' | 'usage' | 'summary'>[],
  { width }: Layout,
): readonly Line[] {
  return [
    [
      piece('qflow-otel', 'strong'),
      piece(' explains what made a Qflow execution slow, and what changed.'),
    ],
    EMPTY_LINE,
    title('Usage'),
    ...commands.map(({ usage }) => [piece(`  qflow-otel ${usage}`)]),
    EMPTY_LINE,
    title('Commands'),
    ...commands.flatMap(({ name, summary }) =>
      entry({ term: name, text: summary, indent: 13, width }),
    ),
    EMPTY_LINE,
    title('Options'),
    ...entry({
      term: '--help',
      text: 'Help for a command: qflow-otel COMMAND --help.',
      indent: 13,
      width,
    }),
    ...entry({ term: '--version', text: 'Show the version.', indent: 13, width }),
    EMPTY_LINE,
    ...exitCodes(width),
  ]
}

/** Help of one command. */
export function commandHelp(command: CommandDefinition, { width }: Layout): readonly Line[] {
  return [
    ...wrapped({ text: `Usage: qflow-otel ${command.usage}`, width, indent: 0, tone: 'strong' }),
    EMPTY_LINE,
    ...command.paragraphs.flatMap((text) => [...wrapped({ text, width, indent: 0 }), EMPTY_LINE]),
    title('Options'),
    ...command.options.flatMap((option) =>
      entry({ term: optionTerm(option), text: optionText(option), indent: OPTION_COLUMN, width }),
    ),
    EMPTY_LINE,
    ...exitCodes(width),
  ]
}

function optionTerm({ name, short, value }: Option): string {
  const names = short === undefined ? `--${name}` : `-${short}, --${name}`
  return value === undefined ? names : `${names} ${value}`
}

function optionText(option: Option): string {
  const notes = [
    ...(option.default === undefined ? [] : [`default ${option.default}`]),
    ...(option.variable === undefined ? [] : [option.variable]),
    ...(option.isRepeatable ? ['may be repeated'] : []),
  ]
  return notes.length === 0 ? option.sentence : `${option.sentence} [${notes.join('; ')}]`
}

/** A term and its text in two columns; a term too long for its column has its own line. */
function entry(row: {
  term: string
  text: string
  indent: number
  width: number
}): readonly Line[] {
  const { term, text, indent, width } = row
  const mark = [piece(`  ${term}`, 'accent')]
  const fits = term.length + 4 <= indent
  return fits ? wrapped({ text, width, indent, mark }) : [mark, ...wrapped({ text, width, indent })]
}

function exitCodes(width: number): readonly Line[] {
  const rows = EXIT_MEANINGS.flatMap(({ code, meaning }) =>
    entry({ term: `${code}`.padStart(3), text: meaning, indent: 8, width }),
  )
  return [title('Exit codes'), ...rows]
}

function title(text: string): Line {
  return [piece(text, 'strong')]
}
