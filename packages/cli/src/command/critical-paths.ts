import type { Execution } from '@qflow-otel/analyzer'
import { EXIT, type ExitCode } from '../exit-code.ts'
import type { InputSummary } from '../input/read-input.ts'
import { readInputs } from '../input/read-inputs.ts'
import { SettledExecutions } from '../input/settled-executions.ts'
import { analyzerOptionsFrom } from '../option/analysis-settings.ts'
import { type Choice, choiceOf, isChosen, KnownIds } from '../option/choice.ts'
import { type Parsed, usageFailure } from '../option/parse-options.ts'
import type { CriticalPathLosses } from '../render/critical-paths.ts'
import type { Terminal } from '../terminal.ts'
import { type CriticalPathOutput, jsonOutput, OnlyOne, textOutput } from './critical-path-output.ts'
import { inputExitCode } from './input-exit-code.ts'
import { reportProblems } from './report-problems.ts'
import { writeSvg } from './svg-file.ts'

/** `qflow-otel analyze --critical-path`: the critical path of every execution, and of every trace without flows. */
export async function analyzeCriticalPaths(parsed: Parsed, terminal: Terminal): Promise<ExitCode> {
  const choice = choiceOf('analyze', parsed)
  const wantsSvg = parsed.values.has('svg')
  for (const name of ['fail-on', 'flow'])
    if (parsed.values.has(name))
      throw usageFailure('analyze', `--${name} and --critical-path exclude each other`)
  const output = parsed.values.has('json') ? jsonOutput(terminal) : textOutput(parsed, terminal)
  const drawing = wantsSvg ? new OnlyOne(choice) : undefined
  const { inputs, losses, foundCount, knownIds } = await readExecutions(parsed, {
    terminal,
    choice,
    take: (execution) => {
      drawing?.take(execution)
      return output.take(execution)
    },
  })
  if (foundCount === 0 && choice !== undefined && inputExitCode(inputs) !== EXIT.noInput) {
    reportProblems(inputs, terminal)
    throw knownIds.failure(choice)
  }
  output.end(inputs, losses)
  reportProblems(inputs, terminal)
  const code = inputExitCode(inputs)
  if (drawing !== undefined && code !== EXIT.noInput) writeSvg(parsed, drawing.execution())
  return code
}

async function readExecutions(
  parsed: Parsed,
  wanted: {
    readonly terminal: Terminal
    readonly choice: Choice | undefined
    readonly take: CriticalPathOutput['take']
  },
): Promise<{
  inputs: readonly InputSummary[]
  losses: CriticalPathLosses
  foundCount: number
  knownIds: KnownIds
}> {
  const { terminal, choice, take } = wanted
  const { memoryBudgetBytes } = analyzerOptionsFrom(parsed, terminal.env)
  const settled = new SettledExecutions({ memoryBudgetBytes })
  const knownIds = new KnownIds(choice?.kind ?? 'execution')
  let foundCount = 0
  const give = async (executions: readonly Execution[]) => {
    for (const execution of executions) {
      knownIds.add(execution)
      if (choice !== undefined && !isChosen(choice, execution)) continue
      foundCount++
      await take(execution)
    }
  }
  const inputs = await readInputs({
    files: [...new Set(parsed.positionals)],
    terminal,
    take: (decoded) => give(settled.take(decoded)),
  })
  await give(settled.end())
  const { acceptedSpanCount, droppedSpans, closedExecutions } = settled.losses()
  const losses = { acceptedSpanCount, droppedSpans, closedExecutions }
  return { inputs, losses, foundCount, knownIds }
}
