import { criticalPath, type Execution, plain, timedPath } from '@qflow-otel/analyzer'
import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import type { InputSummary } from '../input/read-input.ts'
import type { Choice } from '../option/choice.ts'
import type { Parsed } from '../option/parse-options.ts'
import { type CriticalPathLosses, criticalPathLines } from '../render/critical-paths.ts'
import type { DrawnExecution } from '../render/drawn-execution.ts'
import { beginJson, outputLayout, print, type Terminal } from '../terminal.ts'

/** Takes executions one after the other, and ends with what was read and what was lost. */
export interface CriticalPathOutput {
  /** Resolves when the next one may come: a slow reader of the output holds up the reading of the input. */
  take(execution: Execution): Promise<void>
  end(inputs: readonly InputSummary[], losses: CriticalPathLosses): void
}

/** One document on one line, written as it grows: a file may hold more paths than memory does. */
export function jsonOutput(terminal: Terminal): CriticalPathOutput {
  let count = 0
  const begin = () => {
    if (count === 0) beginJson(terminal, { kind: 'critical_paths' })
  }
  return {
    take(execution) {
      begin()
      terminal.out.write(count++ === 0 ? ',"paths":[' : ',')
      terminal.out.write(JSON.stringify(plain(timedPath(execution))))
      return terminal.out.flush()
    },
    end(inputs, losses) {
      begin()
      const rest = JSON.stringify({ inputs, losses }).slice(1)
      terminal.out.write(`${count === 0 ? ',"paths":[' : ''}],${rest}\n`)
    },
  }
}

/** Pictures of the longest: nobody reads a thousand of them. */
const MAX_SHOWN = 10

/** The longest in pictures and words, when all are known. */
export function textOutput(parsed: Parsed, terminal: Terminal): CriticalPathOutput {
  let longest: Execution[] = []
  let count = 0
  return {
    async take(execution) {
      count++
      longest = [...longest, execution].sort(byDuration).slice(0, MAX_SHOWN)
    },
    end(inputs, losses) {
      if (inputs.every(({ spanCount }) => spanCount === 0)) return
      const reports = longest.map(drawn)
      const lines = criticalPathLines({ reports, count, losses }, outputLayout(terminal))
      print(terminal, lines, parsed.values.has('no-color'))
    },
  }
}

function byDuration(a: Execution, b: Execution): number {
  return b.durationNs - a.durationNs || (a.executionId < b.executionId ? -1 : 1)
}

function drawn(execution: Execution): DrawnExecution {
  const startUnixNs = execution.startUnixNs.toString()
  return { execution: { ...execution, startUnixNs }, path: criticalPath(execution) }
}

/** A picture is of one execution. */
export class OnlyOne {
  readonly #choice: Choice | undefined
  #first: Execution | undefined
  #count = 0

  constructor(choice: Choice | undefined) {
    this.#choice = choice
  }

  take(execution: Execution): void {
    this.#first ??= execution
    this.#count++
  }

  /** Throws `Failure` unless there was exactly one. */
  execution(): DrawnExecution {
    if (this.#first !== undefined && this.#count === 1) return drawn(this.#first)
    const where = this.#choice === undefined ? 'the input' : 'the trace'
    const how = this.#choice === undefined ? '--trace ID or --execution ID' : '--execution ID'
    throw new Failure({
      code: EXIT.usage,
      message: `--svg draws one execution, ${where} holds ${this.#count}`,
      advice: [`Choose one with ${how}.`],
    })
  }
}
