import { AttributeList } from '../otlp/attribute-list.ts'
import type { AttributeValue, Resource } from '../otlp/span-record.ts'
import { flagsInOrder, hasLongerSpan, stepsOf } from './build-execution.ts'
import type { Execution, ExecutionSpan } from './execution.ts'
import { type LaidSpans, laidSpanId, numbersAt } from './laid-spans.ts'
import { CONSTANT, NUMBER, OTHER, type SpanLayout } from './span-layout.ts'
import type { StoredExecution } from './stored-execution.ts'

type LaidRecord = SpanLayout['records'][number]

/**
 * Reads executions of one layout, one after the other, to look at each and go on. What is read is what `buildExecution`
 * makes of the same records; its attributes are those of the execution that was read last.
 */
export class LaidExecution {
  readonly #layout: SpanLayout
  /** By row. */
  readonly #attributes: readonly AttributeList[]
  readonly #reading: Reading = { laid: undefined }
  /** Of the execution that is being read. */
  readonly #flags = new Set<string>()

  constructor(layout: SpanLayout) {
    this.#layout = layout
    const attributes: AttributeList[] = []
    let otherCount = 0
    const numbersFrom = firstNumbers(layout)
    for (const [index, record] of layout.records.entries()) {
      const first = { numberCount: numbersFrom[index] ?? 0, otherCount }
      attributes.push(attributesOf(record, first, this.#reading))
      otherCount += countOf(record, OTHER)
    }
    // There is a record for each row.
    this.#attributes = layout.order.map((index) => attributes[index] as AttributeList)
  }

  /** Those of the first row, of an execution to look at before the next is read. */
  rootAttributes(laid: LaidSpans): AttributeList | undefined {
    this.#reading.laid = laid
    return this.#attributes[0]
  }

  /** `stored` is one of this layout. O(spans). */
  read({ facts, flags }: StoredExecution, laid: LaidSpans): Execution {
    this.#reading.laid = laid
    const found = this.#flags
    // Emptied only where there are some: most have none, and it makes a new table.
    if (found.size > 0) found.clear()
    for (const flag of flags) found.add(flag)
    const spans = this.#rows(laid)
    const steps = stepsOf(spans, facts.executionId, found)
    if (hasLongerSpan(spans, facts.durationNs)) found.add('outlives_root')
    // Member by member, in the order of `buildExecution`: to spread the facts takes longer than all the rest here.
    return {
      tenant: facts.tenant,
      executionId: facts.executionId,
      flowId: facts.flowId,
      flowVersion: facts.flowVersion,
      serviceVersion: facts.serviceVersion,
      node: facts.node,
      parentExecutionId: facts.parentExecutionId,
      triggerType: facts.triggerType,
      weight: facts.weight,
      status: facts.status,
      errorType: facts.errorType,
      traceIds: facts.traceIds,
      startUnixNs: facts.startUnixNs,
      durationNs: facts.durationNs,
      activeNs: facts.activeNs,
      closeReason: facts.closeReason,
      spans,
      steps,
      spanCount: facts.spanCount,
      flags: flagsInOrder(found),
    }
  }

  /** New ones: to write into rows that live long costs more than to make them. */
  #rows(laid: LaidSpans): readonly ExecutionSpan[] {
    const { order, rows } = this.#layout
    const { block, traceId, resources } = laid
    const timesNs = block.numbers
    const startNs = firstStartNs(laid)
    const spans: ExecutionSpan[] = []
    for (let at = 0; at < order.length; at++) {
      const index = order[at] ?? 0
      // Lists are as long as the order.
      const row = rows[at] as ExecutionSpan
      const resource = (Array.isArray(resources) ? resources[index] : resources) as Resource
      spans.push({
        spanId: laidSpanId(laid, index),
        traceId,
        parentSpanId: spans[row.parentRow]?.spanId,
        parentRow: row.parentRow,
        name: row.name,
        kind: row.kind,
        role: row.role,
        startNs: (timesNs[laid.at + 2 * index] ?? 0) - startNs,
        endNs: (timesNs[laid.at + 2 * index + 1] ?? 0) - startNs,
        isError: row.isError,
        serviceName: resource.serviceName,
        attributes: this.#attributes[at] as AttributeList,
        links: undefined,
        depth: row.depth,
      })
    }
    return spans
  }
}

/** Where the numbers of each record begin among those of all. */
export function firstNumbers({ records }: SpanLayout): readonly number[] {
  let count = 0
  return records.map((record) => {
    const first = count
    count += countOf(record, NUMBER)
    return first
  })
}

/** When the first span starts, which need not be the segment. */
export function firstStartNs({ block, at, layout }: LaidSpans): number {
  const { numbers } = block
  let startNs = numbers[at] ?? 0
  for (let index = 1; index < layout.records.length; index++)
    startNs = Math.min(startNs, numbers[at + 2 * index] ?? 0)
  return startNs
}

interface Reading {
  laid: LaidSpans | undefined
}

function attributesOf(record: LaidRecord, first: FirstValues, reading: Reading): AttributeList {
  const { shape, slots, constants } = record
  if (slots.every((slot) => slot === CONSTANT))
    return new AttributeList(shape, constants as readonly AttributeValue[])
  return new LaidAttributes(record, first, reading)
}

function countOf({ slots }: LaidRecord, kind: number): number {
  return slots.filter((slot) => slot === kind).length
}

/** Where the values of a record begin among those of all. */
interface FirstValues {
  readonly numberCount: number
  readonly otherCount: number
}

/** Attributes of a record of the execution that is being read. */
class LaidAttributes extends AttributeList {
  readonly #slots: readonly number[]
  readonly #constants: readonly (AttributeValue | undefined)[]
  /** By place, which of the numbers or others it is. */
  readonly #counts: readonly number[]
  readonly #reading: Reading

  constructor({ shape, slots, constants }: LaidRecord, first: FirstValues, reading: Reading) {
    super(shape, [])
    this.#slots = slots
    this.#constants = constants
    this.#reading = reading
    let { numberCount, otherCount } = first
    this.#counts = slots.map((slot) => {
      if (slot === NUMBER) return numberCount++
      return slot === OTHER ? otherCount++ : 0
    })
  }

  override at(place: number): AttributeValue | undefined {
    const slot = this.#slots[place]
    if (slot === CONSTANT) return this.#constants[place]
    const { laid } = this.#reading
    const count = this.#counts[place] ?? 0
    if (slot === NUMBER) return laid?.block.numbers[numbersAt(laid) + count]
    return slot === OTHER ? laid?.others[count] : laid?.executionId
  }
}
