import { type Counters, countOne } from './baseline/counters.ts'
import { definitionBytes, keepDefinition } from './baseline/definitions.ts'
import type { FlowState } from './flow-state.ts'
import type { FlowDefinition } from './otlp/span-record.ts'

type DefinedFlow = Pick<FlowState, 'definition' | 'definitions'>

/** The definitions of active flows, which are bounded together: those that came longest ago go first, as `definition_limit`. */
export class FlowDefinitions<T extends DefinedFlow> {
  /** What those of each flow weigh that has any, by estimate; who was told of one last stands last. */
  readonly #bytesOf = new Map<T, number>()
  readonly #maxBytes: number
  readonly #counters: Counters
  #bytes = 0

  constructor(maxBytes: number, counters: Counters) {
    this.#maxBytes = maxBytes
    this.#counters = counters
  }

  /** Of all flows, by estimate. */
  get bytes(): number {
    return this.#bytes
  }

  /** From now on it is the flow's. */
  keep(flow: T, definition: FlowDefinition): void {
    flow.definition = definition
    keepDefinition(flow.definitions, definition)
    this.add(flow)
  }

  /** A flow that is active from now on, or has another definition. */
  add(flow: T): void {
    this.drop(flow)
    const bytes = bytesOf(flow)
    if (bytes === 0) return
    this.#bytesOf.set(flow, bytes)
    this.#bytes += bytes
    this.#shrink()
  }

  /** A flow that is active no more: it takes its own along. */
  drop(flow: T): void {
    this.#bytes -= this.#bytesOf.get(flow) ?? 0
    this.#bytesOf.delete(flow)
  }

  #shrink(): void {
    for (const flow of this.#bytesOf.keys()) {
      if (this.#bytes <= this.#maxBytes) return
      this.drop(flow)
      countOne(this.#counters, 'definition_limit', new Set(definitionsOf(flow)).size)
      flow.definition = undefined
      flow.definitions.length = 0
    }
  }
}

function bytesOf(flow: DefinedFlow): number {
  let bytes = 0
  for (const definition of new Set(definitionsOf(flow))) bytes += definitionBytes(definition)
  return bytes
}

/** The present one mostly is one of those that are kept to compare. */
function definitionsOf({ definition, definitions }: DefinedFlow): readonly FlowDefinition[] {
  return definition === undefined ? definitions : [definition, ...definitions]
}
