import type { Execution } from '@qflow-otel/analyzer'
import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { nearest } from '../nearest.ts'
import { visible } from '../text/visible.ts'
import type { Option } from './option.ts'
import { lastOf, type Parsed, usageFailure } from './parse-options.ts'

/** One trace or one execution among all that are read. */
export interface Choice {
  readonly kind: 'trace' | 'execution'
  readonly id: string
}

/** The options that choose. */
export const CHOICE_OPTIONS: readonly Option[] = [
  { name: 'trace', value: 'ID', sentence: 'Only this trace; hex, zeros in front may be left out.' },
  { name: 'execution', value: 'ID', sentence: 'Only this execution.' },
]

/** Nothing when all are wanted. Throws `Failure` for two choices and for what cannot be a trace id. */
export function choiceOf(command: string, parsed: Parsed): Choice | undefined {
  const [trace, execution] = [lastOf(parsed, 'trace'), lastOf(parsed, 'execution')]
  if (trace !== undefined && execution !== undefined)
    throw usageFailure(command, '--trace and --execution exclude each other')
  if (execution !== undefined) return { kind: 'execution', id: execution }
  if (trace === undefined) return undefined
  if (/^[0-9a-f]{1,32}$/i.test(trace))
    return { kind: 'trace', id: trace.toLowerCase().padStart(32, '0') }
  const found = visible(trace)
  throw usageFailure(command, `--trace: expected up to 32 hex digits, found "${found}"`)
}

/** Whether an execution is what was asked for; one without an id of its own has its trace's. */
export function isChosen({ kind, id }: Choice, execution: Execution): boolean {
  return kind === 'trace' ? execution.traceIds.includes(id) : execution.executionId === id
}

/** Ids offered when one is not known. */
const MAX_NEAREST = 5
/** Further apart than this, an id is another one and no misspelling; ids are longer than options. */
const MAX_DISTANCE = 6
/** Ids that are compared; a file may hold millions. */
const MAX_KNOWN = 10_000

/** Ids as they go by, for whoever chose one that is not there. */
export class KnownIds {
  readonly #ids = new Set<string>()
  readonly #kind: Choice['kind']

  constructor(kind: Choice['kind']) {
    this.#kind = kind
  }

  add({ traceIds, executionId }: Pick<Execution, 'traceIds' | 'executionId'>): void {
    if (this.#ids.size >= MAX_KNOWN) return
    for (const id of this.#kind === 'trace' ? traceIds : [executionId]) this.#ids.add(id)
  }

  /** The choice is not among what was read. */
  failure({ kind, id }: Choice): Failure {
    return unknownFailure(`no ${kind} "${visible(id)}" is in the input`, id, [...this.#ids])
  }
}

/** Says that an id is not known, and which ones are most like it; then `more` to do about it. */
export function unknownFailure(
  message: string,
  id: string,
  known: readonly string[],
  more: readonly string[] = [],
): Failure {
  const near = nearest(id, known, { limit: MAX_NEAREST, maxDistance: MAX_DISTANCE })
  const shown = near.length > 0 ? near : known.slice(0, MAX_NEAREST)
  const title = near.length > 0 ? 'Nearest' : 'Known'
  const ids = shown.map((one) => visible(one)).join(', ')
  const advice = shown.length === 0 ? ['No executions are known yet.'] : [`${title}: ${ids}`]
  return new Failure({ code: EXIT.unknownId, message, advice: [...advice, ...more] })
}
