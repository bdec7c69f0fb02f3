/** One flag of a command: parser, help and README read the same definition. */
export interface Option {
  /** Without dashes. */
  readonly name: string
  /** A single letter that stands for it, as in `-o`. */
  readonly short?: string
  /** Placeholder of its value; absent for a switch. */
  readonly value?: string
  readonly isRepeatable?: boolean
  readonly sentence: string
  /** Shown in the help. */
  readonly default?: string
  /** Environment variable that sets it too. */
  readonly variable?: string
}

/** A command as its help tells it. */
export interface CommandDefinition {
  readonly name: string
  readonly usage: string
  readonly summary: string
  readonly paragraphs: readonly string[]
  readonly options: readonly Option[]
}

/** Options that every command has, or most. */
export const HELP: Option = { name: 'help', sentence: 'Show this help.' }
/** See README, JSON. */
export const JSON_OUTPUT: Option = {
  name: 'json',
  sentence: 'Print JSON with a schemaVersion instead of text.',
}
/** See https://no-color.org. */
export const NO_COLOR: Option = {
  name: 'no-color',
  sentence: 'No colours; also with NO_COLOR set, and when the output is not a terminal.',
}
