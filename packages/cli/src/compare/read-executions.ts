import type { Execution } from '@qflow-otel/analyzer'
import type { InputSummary } from '../input/read-input.ts'
import { readInputs } from '../input/read-inputs.ts'
import { SettledExecutions } from '../input/settled-executions.ts'
import type { Terminal } from '../terminal.ts'

/** Reads trace files to their end and gives every execution, once nothing more is expected of it. */
export async function readExecutions(
  files: readonly string[],
  wanted: {
    readonly terminal: Terminal
    readonly memoryBudgetBytes: number
    readonly take: (execution: Execution) => void
  },
): Promise<readonly InputSummary[]> {
  const { terminal, memoryBudgetBytes, take } = wanted
  const settled = new SettledExecutions({ memoryBudgetBytes })
  const inputs = await readInputs({
    files,
    terminal,
    take: (decoded) => {
      for (const execution of settled.take(decoded)) take(execution)
    },
  })
  for (const execution of settled.end()) take(execution)
  return inputs
}
