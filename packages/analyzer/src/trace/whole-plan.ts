import { ATTR_QFLOW_EXECUTION_SEGMENT, ATTR_QFLOW_EXECUTION_STATUS } from '@qflow-otel/semconv'
import { KNOWN, type KnownKey } from '../otlp/known-attributes.ts'
import {
  END_WORD,
  HEAD_WORD_COUNT,
  PARENT_ID_WORD,
  SPAN_ID_WORD,
  type SpanBatch,
  type SpanForm,
  START_WORD,
  TEXTS_WORD,
  TRACE_ID_WORD,
} from '../otlp/span-batch.ts'
import { SKEW_TOLERANCE_NS } from './build-execution.ts'
import { type HeldExecution, valueBytes } from './held.ts'
import type { LaidBlocks } from './laid-blocks.ts'
import type { LaidSpans } from './laid-spans.ts'
import { MAX_LAID_OFFSET_NS } from './lay-spans.ts'
import { PlannedValues, sharedNumbers } from './planned-values.ts'
import { CONSTANT, NO_PARENT, type SpanLayout } from './span-layout.ts'
import { exactNumber } from './span-role.ts'

/** A whole execution as laid, and what is asked of it besides. */
export interface LaidWhole {
  readonly laid: LaidSpans
  /** What its spans weigh, held one by one. */
  readonly bytes: number
}

/**
 * How to lay executions whose spans are of known forms, one behind the other, without making any span: the forms say what the
 * layout says but for parents, times, and values that differ within a form. These are checked where they stand in the batch:
 *
 *   forms    step a | call | step b | flow            layout
 *   words    [ids times 1.5] [ids times] [ids times 0.7] [ids times]     -> parents, order, offsets
 *   numbers        1.5                         0.7                       -> numbers of the layout
 *
 * What is laid is what `laySpans` makes of the same spans as records.
 */
export class WholePlan {
  readonly layout: SpanLayout
  /** What the last span says of the execution: see `noteSegment`. */
  readonly segment: EndedSegment
  #parents: number[]
  /** Where each span's words begin after those of the first. */
  #starts: number[]
  #neighbours: number[]
  readonly #values = new PlannedValues()

  private constructor(layout: SpanLayout, segment: EndedSegment, starts: number[]) {
    const { records } = layout
    this.layout = layout
    this.segment = segment
    this.#starts = starts
    this.#parents = records.map(({ parent }) => parent)
    this.#neighbours = layout.neighbours.flat()
  }

  /** Absent where executions of these forms are not, or not only by what is checked, of the layout. */
  static of(forms: readonly SpanForm[], layout: SpanLayout): WholePlan | undefined {
    if (forms.length !== layout.records.length || layout.segment !== forms.length - 1)
      return undefined
    const segment = endedSegment(layout.records[layout.segment])
    if (segment === undefined) return undefined
    const starts: number[] = []
    let wordCount = 0
    for (const form of forms) {
      starts.push(wordCount)
      wordCount += form.wordCount
    }
    const plan = new WholePlan(layout, segment, starts)
    let textCount = 0
    for (const [index, form] of forms.entries()) {
      // Both are as long.
      const record = layout.records[index] as LaidRecord
      const number = ((starts[index] ?? 0) + HEAD_WORD_COUNT) >> 1
      if (!plan.#values.addForm(form, record, { number, text: textCount })) return undefined
      textCount += form.textCount
    }
    return plan.#values.ownIdCount > 0 ? plan : undefined
  }

  /**
   * Has what is the same in a plan of another flow where that one has it: of a hundred flows that take turns each would read its
   * own copy from far away.
   */
  share(like: WholePlan): void {
    this.#parents = sharedNumbers(like.#parents, this.#parents)
    this.#starts = sharedNumbers(like.#starts, this.#starts)
    this.#neighbours = sharedNumbers(like.#neighbours, this.#neighbours)
    this.#values.share(like.#values)
  }

  /** The spans from `from` on, one of each form, all of one trace; absent where they are not of the layout. O(spans + values). */
  lay(batch: SpanBatch, from: number, blocks: LaidBlocks): LaidWhole | undefined {
    const first = batch.starts[from] ?? 0
    const values = this.#values
    const firsts = { number: first >> 1, text: batch.words[first + TEXTS_WORD] ?? 0 }
    if (!values.areExpected(batch, firsts)) return undefined
    if (!this.#isTree(batch.words, first)) return undefined
    const { numberCount } = values
    const timeCount = 2 * this.#starts.length
    const length = timeCount + numberCount + this.#starts.length
    const block = blocks.room(length)
    const { at } = blocks
    if (!this.#writeTimes(batch.words, first, block.numbers, at)) return undefined
    if (!this.#isInOrder(block.numbers, at)) return undefined
    values.writeNumbers(batch, firsts, block.numbers, at + timeCount)
    this.#writeIds(batch.words, first, block.words, 2 * (at + timeCount + numberCount))
    blocks.keep(length)
    const anchorUnixNs = batch.unixNsAt(first + START_WORD)
    const executionId = values.executionId(batch, firsts)
    const others = values.others(batch, firsts)
    const laid = {
      layout: this.layout,
      executionId,
      traceId: batch.traceIdAt(first + TRACE_ID_WORD),
      spanIds: undefined,
      callerSpanId: this.#callerSpanId(batch, first),
      anchorUnixNs,
      block,
      at,
      resources: batch.resourcesOf(from, from + this.#starts.length),
      numberCount,
      others,
    }
    let bytes = values.baseBytes + values.ownIdCount * executionId.length
    for (const value of others) bytes += valueBytes(value)
    return { laid, bytes }
  }

  /** Whether ids differ, and each has the parent that the layout says. */
  #isTree(words: Int32Array, first: number): boolean {
    const starts = this.#starts
    const parents = this.#parents
    for (let index = 0; index < starts.length; index++) {
      const at = first + (starts[index] ?? 0)
      const low = words[at + SPAN_ID_WORD]
      const high = words[at + SPAN_ID_WORD + 1]
      for (let other = index + 1; other < starts.length; other++) {
        const id = first + (starts[other] ?? 0) + SPAN_ID_WORD
        if (words[id] === low && words[id + 1] === high) return false
      }
      const parent = parents[index] ?? NO_PARENT
      if (parent === NO_PARENT) {
        if (this.#isAmong(words, first, at + PARENT_ID_WORD)) return false
        continue
      }
      const id = first + (starts[parent] ?? 0) + SPAN_ID_WORD
      if (words[at + PARENT_ID_WORD] !== words[id]) return false
      if (words[at + PARENT_ID_WORD + 1] !== words[id + 1]) return false
    }
    return true
  }

  #isAmong(words: Int32Array, first: number, at: number): boolean {
    for (const start of this.#starts) {
      const id = first + start + SPAN_ID_WORD
      if (words[id] === words[at] && words[id + 1] === words[at + 1]) return true
    }
    return false
  }

  /** Start and end of each after the first one's start; false where one is too far from it, or ends before it starts. */
  #writeTimes(words: Int32Array, first: number, row: Float64Array, at: number): boolean {
    const starts = this.#starts
    // Words below the length, here and below.
    const low = (words[first + START_WORD] as number) >>> 0
    const high = (words[first + START_WORD + 1] as number) >>> 0
    for (let index = 0; index < starts.length; index++) {
      const start = first + (starts[index] ?? 0) + START_WORD
      const end = first + (starts[index] ?? 0) + END_WORD
      const startNs = offsetNs(words[start] as number, words[start + 1] as number, low, high)
      const endNs = offsetNs(words[end] as number, words[end + 1] as number, low, high)
      if (Math.abs(startNs) > MAX_LAID_OFFSET_NS || endNs > MAX_LAID_OFFSET_NS) return false
      if (endNs < startNs) return false
      row[at + 2 * index] = startNs
      row[at + 2 * index + 1] = endNs
    }
    return true
  }

  /** As in `laySpans`, but that two that start and end at once are none of this: there ids decide. */
  #isInOrder(timesNs: Float64Array, from: number): boolean {
    const neighbours = this.#neighbours
    for (let at = 0; at < neighbours.length; at += 2) {
      const a = from + 2 * (neighbours[at] ?? 0)
      const b = from + 2 * (neighbours[at + 1] ?? 0)
      const byStart = (timesNs[b] ?? 0) - (timesNs[a] ?? 0)
      const order = byStart === 0 ? (timesNs[b + 1] ?? 0) - (timesNs[a + 1] ?? 0) : byStart
      if (order <= 0) return false
    }
    const parents = this.#parents
    for (let index = 0; index < parents.length; index++) {
      const parent = parents[index] ?? NO_PARENT
      if (parent === NO_PARENT) continue
      const startNs = timesNs[from + 2 * index] ?? 0
      if (startNs < (timesNs[from + 2 * parent] ?? 0) - SKEW_TOLERANCE_NS) return false
    }
    return true
  }

  #writeIds(words: Int32Array, first: number, row: Int32Array, to: number): void {
    for (let index = 0; index < this.#starts.length; index++) {
      const at = first + (this.#starts[index] ?? 0) + SPAN_ID_WORD
      row[to + 2 * index] = words[at] ?? 0
      row[to + 2 * index + 1] = words[at + 1] ?? 0
    }
  }

  #callerSpanId(batch: SpanBatch, first: number): string | undefined {
    const at = first + (this.#starts[this.layout.segment] ?? 0) + PARENT_ID_WORD
    const isNone = batch.words[at] === 0 && batch.words[at + 1] === 0
    return isNone ? undefined : batch.spanIdAt(at)
  }
}

/** Absent where its number differs between executions, or is none that counts. */
function endedSegment(record: LaidRecord | undefined): EndedSegment | undefined {
  if (record === undefined) return undefined
  const { shape, slots, constants } = record
  const placeOf = (key: KnownKey) => shape.known[KNOWN[key]] ?? -1
  if ((slots[placeOf(ATTR_QFLOW_EXECUTION_SEGMENT)] ?? CONSTANT) !== CONSTANT) return undefined
  const number = exactNumber(constants[placeOf(ATTR_QFLOW_EXECUTION_SEGMENT)]) ?? 0
  const status = constants[placeOf(ATTR_QFLOW_EXECUTION_STATUS)]
  const isText = typeof status === 'string' && status !== ''
  return number < 0 ? undefined : { number, status: isText ? status : undefined }
}

type EndedSegment = NonNullable<HeldExecution['lastSegment']>

type LaidRecord = SpanLayout['records'][number]

/** Of a time from its halves, after one of which the halves are known. */
function offsetNs(low: number, high: number, anchorLow: number, anchorHigh: number): number {
  return ((high >>> 0) - anchorHigh) * 2 ** 32 + ((low >>> 0) - anchorLow)
}
