import type { ExitCode } from '../exit-code.ts'
import type { CommandDefinition } from '../option/option.ts'
import type { Parsed } from '../option/parse-options.ts'
import type { Terminal } from '../terminal.ts'

/** A command: what its help says, and what it does. Throws `Failure` for what the user can mend. */
export interface Command {
  readonly definition: CommandDefinition
  run(parsed: Parsed, terminal: Terminal): Promise<ExitCode>
}
