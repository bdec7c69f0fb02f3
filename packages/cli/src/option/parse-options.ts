import { parseArgs } from 'node:util'
import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { nearest, typoDistance } from '../nearest.ts'
import { visible } from '../text/visible.ts'
import type { CommandDefinition } from './option.ts'

/** Further apart than this, it is another word and no misspelling of an option. */
const MAX_TYPO_DISTANCE = 4

/** What the user typed, by the command's definition. */
export interface Parsed {
  readonly positionals: readonly string[]
  /** Texts by option name, in the order given; a switch that is on has none. */
  readonly values: ReadonlyMap<string, readonly string[]>
}

/** Reads the arguments after the command's name. Throws `Failure` with code `usage`. */
export function parseOptions(command: CommandDefinition, argv: readonly string[]): Parsed {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      command.options.map(({ name, short, value }) => [
        name,
        { type: value ? 'string' : 'boolean', ...(short !== undefined && { short }) },
      ]),
    ),
    allowPositionals: true,
    // Loose, so that every message is ours and names the nearest option.
    strict: false,
    tokens: true,
  })
  const values = new Map<string, readonly string[]>()
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const text = readOption(command, { typed: token.rawName, name: token.name, value: token.value })
    values.set(token.name, [...(values.get(token.name) ?? []), ...text])
  }
  return { positionals, values }
}

/** The only or last value of an option. */
export function lastOf(parsed: Parsed, name: string): string | undefined {
  return parsed.values.get(name)?.at(-1)
}

/** Wrong arguments, and where to read the right ones; `command` is empty for the program itself. */
export function usageFailure(command: string, message: string): Failure {
  const advice = [`Try: qflow-otel ${command} --help`.replace('  ', ' ')]
  return new Failure({ code: EXIT.usage, message, advice })
}

function readOption(
  command: CommandDefinition,
  { typed, name, value }: { typed: string; name: string; value: string | undefined },
): readonly string[] {
  const option = command.options.find((one) => one.name === name)
  const isTyped = typed === `--${name}` || typed === `-${option?.short}`
  if (option === undefined || !isTyped) throw unknownOption(command, typed)
  if (option.value === undefined) {
    if (value === undefined) return []
    throw usageFailure(command.name, `--${name} takes no value, found "${visible(value)}"`)
  }
  const isNextOption =
    value?.startsWith('--') && command.options.some((one) => `--${one.name}` === value)
  if (value === undefined || value === '' || isNextOption) {
    throw usageFailure(command.name, `--${name} needs a value: --${name} ${option.value}`)
  }
  return [value]
}

function unknownOption(command: CommandDefinition, typed: string): Failure {
  const known = command.options.map(({ name }) => `--${name}`)
  const maxDistance = typoDistance(typed.replace(/^-+/, ''), MAX_TYPO_DISTANCE)
  const [near] = nearest(typed, known, { limit: 1, maxDistance })
  const hint = near === undefined ? '' : `, did you mean ${near}?`
  return usageFailure(command.name, `unknown option ${visible(typed)}${hint}`)
}
