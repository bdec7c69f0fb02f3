import { dependenciesOf } from '../path/dependencies.ts'
import type { FlowOrder } from '../path/flow-order.ts'
import { OrderLesson, type OrderState } from '../path/learn-order.ts'
import { spanForest } from '../path/span-forest.ts'
import { msFromNs } from '../time/unix-ns.ts'
import type { Execution } from '../trace/execution.ts'
import type { LaidExecution } from '../trace/laid-execution.ts'
import type { LaidSpans } from '../trace/laid-spans.ts'
import { CONSTANT, type SpanLayout } from '../trace/span-layout.ts'
import type { ExecutionFacts, StoredExecution } from '../trace/stored-execution.ts'
import type { Fact } from './circumstances.ts'
import { factsOf, isFact, type KnownFacts } from './facts.ts'
import type { ExecutionHead } from './observation.ts'
import { unjudgedReason } from './observe.ts'
import { SerialColumns } from './serial-columns.ts'
import { SerialExecution } from './serial-execution.ts'

/** What is asked of an execution besides what it says. */
interface Asked {
  readonly startUnixNs: bigint
  readonly endUnixNs: bigint
  /** The definition's order, where there is a definition. */
  readonly defined: FlowOrder | undefined
  /** Learns from the execution. */
  readonly order: OrderState
  /** Whether anybody asks what its places would save. */
  readonly isSimulated: boolean
}

/**
 * Observes executions of one layout, or of layouts alike, that do one thing at a time, as `observe` does, without rows, runs, forest
 * or path: see `SerialColumns`. Whatever is not so simple it leaves to `observe`, which is its oracle.
 */
export class SerialObserver {
  readonly #reader: LaidExecution
  readonly #columns: SerialColumns
  readonly #hasVariableFacts: boolean
  #facts: { readonly known: KnownFacts; readonly list: readonly Fact[] } | undefined
  /** By what each flow has learnt, since a lesson knows whom it taught last. */
  readonly #learnt = new WeakMap<OrderState, Learnt>()

  private constructor(layout: SpanLayout, reader: LaidExecution, columns: SerialColumns) {
    this.#reader = reader
    this.#columns = columns
    this.#hasVariableFacts = hasVariableFacts(layout)
  }

  /** Absent where executions of the layout are not so simple. */
  static of(layout: SpanLayout, reader: LaidExecution): SerialObserver | undefined {
    const columns = SerialColumns.of(layout)
    return columns && new SerialObserver(layout, reader, columns)
  }

  /** Absent where the execution is not so simple, or teaches what was not learnt yet (`learn`). Then nothing has changed. O(n). */
  see(stored: StoredExecution, laid: LaidSpans, asked: Asked): SerialExecution | undefined {
    const learnt = this.#learnt.get(asked.order)
    const lesson = learnt?.defined === asked.defined ? learnt?.lesson : undefined
    const isSeen = lesson !== undefined && this.#columns.read(laid) && lesson.teach(asked.order)
    if (!isSeen) return undefined
    const head = this.#headOf(stored, laid, asked)
    return new SerialExecution(this.#columns, laid, head, asked.isSimulated)
  }

  /** Looks at what `see` did not know, for executions to come. `execution`: as it was read. */
  learn(
    execution: Execution,
    laid: LaidSpans,
    { defined, order }: Pick<Asked, 'defined' | 'order'>,
  ): void {
    const learnt = this.#learnt.get(order)
    const isKnown = learnt !== undefined && learnt.defined === defined
    if (isKnown || !this.#columns.read(laid)) return
    const forest = spanForest(execution)
    const { before = [] } = dependenciesOf(forest, defined) ?? {}
    const isByTiming = this.#columns.rows.isByTiming(before)
    this.#learnt.set(order, { defined, lesson: isByTiming ? new OrderLesson(forest) : undefined })
  }

  #headOf({ facts, flags }: StoredExecution, laid: LaidSpans, asked: Asked): ExecutionHead {
    return {
      executionId: facts.executionId,
      traceId: laid.traceId,
      flowVersion: facts.flowVersion,
      weight: facts.weight,
      facts: this.#factsOf(facts, laid),
      startUnixNs: asked.startUnixNs,
      endUnixNs: asked.endUnixNs,
      durationMs: msFromNs(facts.activeNs),
      unjudged: unjudgedReason(facts, flags),
    }
  }

  /** The same list while it says the same. */
  #factsOf(known: ExecutionFacts, laid: LaidSpans): readonly Fact[] {
    if (this.#facts !== undefined && isSame(this.#facts.known, known)) return this.#facts.list
    const list = factsOf(known, this.#reader.rootAttributes(laid))
    const { flowVersion, serviceVersion, node, triggerType } = known
    if (!this.#hasVariableFacts)
      this.#facts = { known: { flowVersion, serviceVersion, node, triggerType }, list }
    return list
  }
}

interface Learnt {
  /** For executions of a flow that is defined so. */
  readonly defined: FlowOrder | undefined
  /** Absent where steps do not just wait for the one before. */
  readonly lesson: OrderLesson | undefined
}

function isSame(a: KnownFacts, b: KnownFacts): boolean {
  return (
    a.flowVersion === b.flowVersion &&
    a.serviceVersion === b.serviceVersion &&
    a.node === b.node &&
    a.triggerType === b.triggerType
  )
}

/** Whether the execution's span says what differs from one to the next. */
function hasVariableFacts({ records, segment }: SpanLayout): boolean {
  const root = records[segment]
  if (root === undefined) return true
  const { shape, slots } = root
  return shape.keys.some((key, place) => isFact(key) && slots[place] !== CONSTANT)
}
