import { type LearntOrders, orderFor } from './baseline/learnt-orders.ts'
import { type ObservationPlan, observe } from './baseline/observe.ts'
import { ObservedExecution, type SeenExecution } from './baseline/seen-execution.ts'
import { SerialObserver } from './baseline/serial-observer.ts'
import type { AttributeShape } from './otlp/attribute-list.ts'
import type { FlowDefinition } from './otlp/span-record.ts'
import { type FlowOrder, flowOrder } from './path/flow-order.ts'
import { PlaceTotals } from './path/path-total.ts'
import { forestPlan } from './path/span-forest.ts'
import type { PendingExecution } from './pending-executions.ts'
import { areAlike } from './trace/alike-layouts.ts'
import type { Execution } from './trace/execution.ts'
import { LaidExecution } from './trace/laid-execution.ts'
import type { SpanLayout } from './trace/span-layout.ts'
import type { ClosedExecution } from './trace/stored-execution.ts'

interface LaidReader {
  readonly rows: LaidExecution
  plan: ObservationPlan | undefined
  /** Absent where executions of the layout are not so simple. */
  readonly serial: SerialObserver | undefined
}

interface SerialOf {
  readonly layout: SpanLayout
  readonly serial: SerialObserver | undefined
}

/** Layouts of one shape that are looked through when another one is learnt: branches of flows alike. The oldest shares no more. */
const MAX_ALIKE_COUNT = 16

/** An execution to look at before the next one is read, and what others of the same spans share with it. */
interface ReadExecution {
  readonly execution: Execution
  readonly plan: ObservationPlan | undefined
}

/**
 * Looks at closed executions. What those of one layout or definition have in common is made once, and lives as long as
 * that does.
 */
export class Observer {
  readonly #readers = new WeakMap<SpanLayout, LaidReader>()
  /** By shape of the execution's own span, those made last first. */
  readonly #serials = new WeakMap<AttributeShape, SerialOf[]>()
  readonly #orders = new WeakMap<FlowDefinition, FlowOrder>()

  /** Learns from the execution in which order steps run. `isSimulated`: whether to ask what each place would save. */
  see(
    flow: { readonly definition: FlowDefinition | undefined; readonly orders: LearntOrders },
    { closed, startUnixNs, endUnixNs }: PendingExecution,
    isSimulated: boolean,
  ): SeenExecution {
    const { definition } = flow
    const defined = definition && this.#orderOf(definition)
    const order = orderFor(flow.orders, closed.stored.facts.flowVersion)
    const asked = { startUnixNs, endUnixNs, defined, order, isSimulated }
    const seen = this.#seeSerial(closed, asked)
    if (seen !== undefined) return seen
    const { execution, plan } = this.#read(closed)
    const observation = observe(execution, { flow: definition, defined, order, isSimulated, plan })
    this.#learnSerial(closed, execution, asked)
    const isDated = observation.endUnixNs !== endUnixNs
    return new ObservedExecution(isDated ? { ...observation, startUnixNs, endUnixNs } : observation)
  }

  /** Absent where it is not so simple. */
  #seeSerial(
    { stored }: ClosedExecution,
    asked: Parameters<SerialObserver['see']>[2],
  ): SeenExecution | undefined {
    const { spans } = stored
    if (spans === undefined || !('layout' in spans)) return undefined
    return this.#readerOf(spans.layout).serial?.see(stored, spans, asked)
  }

  #learnSerial(
    { stored }: ClosedExecution,
    execution: Execution,
    asked: Parameters<SerialObserver['learn']>[2],
  ): void {
    const { spans } = stored
    if (spans === undefined || !('layout' in spans)) return
    this.#readerOf(spans.layout).serial?.learn(execution, spans, asked)
  }

  /** The execution, if it may have detail spans: to look at before the next one is read. */
  withDetails(closed: ClosedExecution): Execution | undefined {
    const { spans } = closed.stored
    const isWithout = spans !== undefined && 'layout' in spans && !spans.layout.hasDetails
    return isWithout ? undefined : this.#read(closed).execution
  }

  #read(closed: ClosedExecution): ReadExecution {
    const { stored } = closed
    const { spans } = stored
    if (spans === undefined || !('layout' in spans))
      return { execution: closed.execution, plan: undefined }
    const reader = this.#readerOf(spans.layout)
    const execution = reader.rows.read(stored, spans)
    reader.plan ??= { forest: forestPlan(execution.spans), totals: new PlaceTotals() }
    return { execution, plan: reader.plan }
  }

  #readerOf(layout: SpanLayout): LaidReader {
    const known = this.#readers.get(layout)
    if (known !== undefined) return known
    const rows = new LaidExecution(layout)
    const reader = { rows, plan: undefined, serial: this.#serialOf(layout, rows) }
    this.#readers.set(layout, reader)
    return reader
  }

  /** That of a layout alike, if there is one: flows of the same steps would each have one of their own, far from each other. */
  #serialOf(layout: SpanLayout, rows: LaidExecution): SerialObserver | undefined {
    const shape = layout.records[layout.segment]?.shape
    if (shape === undefined) return undefined
    const known = this.#serials.get(shape) ?? []
    const alike = known.find((one) => areAlike(one.layout, layout))
    if (alike !== undefined) return alike.serial
    const serial = SerialObserver.of(layout, rows)
    known.unshift({ layout, serial })
    if (known.length > MAX_ALIKE_COUNT) known.pop()
    this.#serials.set(shape, known)
    return serial
  }

  #orderOf(definition: FlowDefinition): FlowOrder {
    const known = this.#orders.get(definition)
    if (known !== undefined) return known
    const order = flowOrder(definition)
    this.#orders.set(definition, order)
    return order
  }
}
