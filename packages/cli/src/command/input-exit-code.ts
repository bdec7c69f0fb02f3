import { EXIT, type ExitCode } from '../exit-code.ts'
import type { InputSummary } from '../input/read-input.ts'

/** Whether all, some or none of the input could be used. */
export function inputExitCode(inputs: readonly InputSummary[]): ExitCode {
  if (inputs.every(({ spanCount }) => spanCount === 0)) return EXIT.noInput
  return inputs.some(({ problemCount }) => problemCount > 0) ? EXIT.partInput : EXIT.ok
}
