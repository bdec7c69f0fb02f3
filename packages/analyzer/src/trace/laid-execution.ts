import { AttributeList } from '../otlp/attribute-list.ts'
import type { AttributeValue, Resource } from '../otlp/span-record.ts'
import { flagsInOrder, hasLongerSpan, stepsOf } from './build-execution.ts'
import type { Execution, ExecutionSpan } from './execution.ts'
import { type LaidSpans, laidSpanId } from './laid-spans.ts'
import { CONSTANT, NUMBER, OTHER, type SpanLayout } from './span-layout.ts'
import type { StoredExecution } from './stored-execution.ts'

interface Variable {
  readonly values: (AttributeValue | undefined)[]
  readonly place: number
  readonly slot: number
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Reads executions of one layout, one after the other, into the same rows: to look at each and go on. What is read is
 * what `buildExecution` makes of the same records, and it is gone when the next one is read.
 */
export class LaidExecution {
  readonly #layout: SpanLayout
  readonly #rows: readonly Writable<ExecutionSpan>[]
  /** Where values of the rows' attributes differ from execution to execution. */
  readonly #variables: readonly Variable[]
  #resources: LaidSpans['resources'] | undefined

  constructor(layout: SpanLayout) {
    this.#layout = layout
    const values = layout.records.map(({ constants }) => [...constants])
    this.#variables = layout.records.flatMap(({ slots }, index) =>
      slots.flatMap((slot, place) =>
        slot === CONSTANT ? [] : [{ values: values[index] ?? [], place, slot }],
      ),
    )
    this.#rows = layout.rows.map((row, at) => {
      const index = layout.order[at] ?? 0
      // There is a record for each row, and what is no constant is read before anybody looks.
      const { shape } = layout.records[index] as SpanLayout['records'][number]
      const own = values[index] as AttributeValue[]
      return { ...row, attributes: new AttributeList(shape, own) }
    })
  }

  /** `stored` is one of this layout. O(spans + variable values). */
  read({ facts, flags }: StoredExecution, laid: LaidSpans): Execution {
    this.#readTimes(laid)
    this.#readAttributes(laid)
    if (laid.resources !== this.#resources) this.#readResources(laid)
    const found = new Set(flags)
    const spans = this.#rows
    const steps = stepsOf(spans, facts.executionId, found)
    if (hasLongerSpan(spans, facts.durationNs)) found.add('outlives_root')
    return { ...facts, spans, steps, flags: flagsInOrder(found) }
  }

  #readTimes(laid: LaidSpans): void {
    const { order } = this.#layout
    const { timesNs, traceId } = laid
    const startNs = firstStartNs(laid)
    for (let at = 0; at < order.length; at++) {
      const index = order[at] ?? 0
      // A row for each of the order.
      const row = this.#rows[at] as Writable<ExecutionSpan>
      row.spanId = laidSpanId(laid, index)
      row.traceId = traceId
      row.parentSpanId = this.#rows[row.parentRow]?.spanId
      row.startNs = (timesNs[2 * index] ?? 0) - startNs
      row.endNs = (timesNs[2 * index + 1] ?? 0) - startNs
    }
  }

  #readAttributes({ executionId, numbers, others }: LaidSpans): void {
    let numberCount = 0
    let otherCount = 0
    for (const { values, place, slot } of this.#variables) {
      if (slot === NUMBER) values[place] = numbers[numberCount++]
      else values[place] = slot === OTHER ? others[otherCount++] : executionId
    }
  }

  #readResources({ resources }: LaidSpans): void {
    this.#resources = resources
    for (let at = 0; at < this.#rows.length; at++) {
      const index = this.#layout.order[at] ?? 0
      const resource = Array.isArray(resources) ? resources[index] : resources
      const row = this.#rows[at] as Writable<ExecutionSpan>
      row.serviceName = (resource as Resource).serviceName
    }
  }
}

/** When the first span starts, which need not be the segment. */
export function firstStartNs({ timesNs }: Pick<LaidSpans, 'timesNs'>): number {
  let startNs = timesNs[0] ?? 0
  for (let at = 2; at < timesNs.length; at += 2) startNs = Math.min(startNs, timesNs[at] ?? 0)
  return startNs
}
