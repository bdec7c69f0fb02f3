import { AttributeList, type AttributeShape } from './attribute-list.ts'
import type { IdMemory } from './id-memory.ts'
import { NO_LINKS } from './span-draft.ts'
import type { AttributeValue, Resource, SpanKind, SpanRecord } from './span-record.ts'

/** Words of a span in the block of its batch; behind them are its numbers, of two words each. */
export const TRACE_ID_WORD: number = 0
export const SPAN_ID_WORD: number = 4
/** Nothing but zeros where it has no parent. */
export const PARENT_ID_WORD: number = 6
/** Times: the lower half first. Nothing but zeros for the end of a span that has none. */
export const START_WORD: number = 8
export const END_WORD: number = 10
/** Which of the batch's texts is its first. */
export const TEXTS_WORD: number = 12
/** Even, since numbers lie at whole places of a block of doubles. */
export const HEAD_WORD_COUNT: number = 14

/** A value that differs between spans of a form. */
export interface FormSlot {
  /** In the shape of the attributes; `NAME_PLACE` for the name. */
  readonly place: number
  /** Whether it is one of the span's numbers; else it is one of its texts, which may be any other value too. */
  readonly isNumber: boolean
}

export const NAME_PLACE: number = -1

/** What spans have in common that one template has recognised, and where else their values are. */
export interface SpanForm {
  readonly traceState: string
  /** Among the texts where it differs. */
  readonly name: string
  readonly kind: SpanKind
  readonly status: SpanRecord['status']
  readonly shape: AttributeShape
  readonly values: readonly AttributeValue[]
  /** Of all spans, where no value differs. */
  readonly attributes: AttributeList
  /** In the order in which numbers and texts lie. */
  readonly slots: readonly FormSlot[]
  /** Of a span, its head included. */
  readonly wordCount: number
  readonly textCount: number
}

/**
 * The spans of one body in order, of which those that a template recognised are no objects yet: what differs between spans of a
 * form stands in one block of numbers, and a record is made of it when somebody asks. Whole executions that are known by the
 * forms of their spans need none.
 */
export class SpanBatch {
  /** Absent for a span that was read field by field. */
  readonly forms: (SpanForm | undefined)[] = []
  /** Where each span's words begin. */
  readonly starts: number[] = []
  readonly texts: AttributeValue[] = []
  words: Int32Array = NO_WORDS
  /** The same memory. */
  numbers: Float64Array = NO_NUMBERS
  #times: BigUint64Array = NO_TIMES
  #wordCount = 0
  /** Of spans one behind the other, and where those begin: mostly there is one for all. */
  readonly #resources: Resource[] = []
  readonly #resourceStarts: number[] = []
  #lastResource: Resource | undefined
  /** The one asked for last, since spans are asked for in order. */
  #resourceAt = 0
  /** Those that were read as such, or made for somebody. */
  readonly #records: (SpanRecord | undefined)[] = []
  readonly #spanIds: IdMemory
  readonly #traceIds: IdMemory

  constructor(ids: { readonly spanIds: IdMemory; readonly traceIds: IdMemory }) {
    this.#spanIds = ids.spanIds
    this.#traceIds = ids.traceIds
  }

  get length(): number {
    return this.forms.length
  }

  /** A span of a form; `setWords` brings its words. */
  add(form: SpanForm, resource: Resource): void {
    this.starts.push(this.#wordCount)
    this.#wordCount += form.wordCount
    if (this.#lastResource !== resource) this.#addResource(resource)
    this.forms.push(form)
  }

  addRecord(record: SpanRecord): void {
    this.starts.push(this.#wordCount)
    this.#records[this.starts.length - 1] = record
    if (this.#lastResource !== record.resource) this.#addResource(record.resource)
    this.forms.push(undefined)
  }

  #addResource(resource: Resource): void {
    this.#resourceStarts.push(this.forms.length)
    this.#resources.push(resource)
    this.#lastResource = resource
  }

  /** Of the spans from `start` to `end`, which is not included: the one of all, or one for each. */
  resourcesOf(start: number, end: number): Resource | readonly Resource[] {
    const first = this.#resourceOf(start)
    if ((this.#resourceStarts[this.#resourceAt + 1] ?? end) >= end) return first
    return Array.from({ length: end - start }, (_, at) => this.#resourceOf(start + at))
  }

  /** Of a span of the batch. */
  #resourceOf(index: number): Resource {
    const starts = this.#resourceStarts
    let at = this.#resourceAt
    while ((starts[at] ?? 0) > index) at--
    while ((starts[at + 1] ?? this.length) <= index) at++
    this.#resourceAt = at
    // The first begins with the first span.
    return this.#resources[at] as Resource
  }

  /** Brings the words of all spans of forms. */
  setWords(words: Int32Array<ArrayBuffer>): void {
    this.words = words
    this.numbers = new Float64Array(words.buffer)
    this.#times = new BigUint64Array(words.buffer)
  }

  /** The span at a place, always the same object; absent beyond the last. */
  at(index: number): SpanRecord | undefined {
    const known = this.#records[index]
    if (known !== undefined) return known
    const form = this.forms[index]
    if (form === undefined) return undefined
    const record = this.#record(form, index)
    this.#records[index] = record
    return record
  }

  /** Those from `start` to `end`, which is not included. */
  slice(start = 0, end: number = this.length): SpanRecord[] {
    const records: SpanRecord[] = []
    // Places below the length.
    for (let index = start; index < end; index++) records.push(this.at(index) as SpanRecord)
    return records
  }

  /** Whether spans at two places are of one trace; false beyond the first or last. */
  isSameTrace(a: number, b: number): boolean {
    const { forms, starts, words } = this
    if (forms[a] === undefined || forms[b] === undefined) {
      const traceId = a < 0 ? undefined : this.at(a)?.traceId
      return traceId !== undefined && traceId === this.at(b)?.traceId
    }
    const one = (starts[a] ?? 0) + TRACE_ID_WORD
    const other = (starts[b] ?? 0) + TRACE_ID_WORD
    for (let word = 0; word < 4; word++) if (words[one + word] !== words[other + word]) return false
    return true
  }

  spanIdAt(word: number): string {
    return this.#spanIds.ofWords(this.words, word)
  }

  traceIdAt(word: number): string {
    return this.#traceIds.ofWords(this.words, word)
  }

  /** The last end of all spans; 0n where none has ended. */
  newestEndUnixNs(): bigint {
    let newest = 0n
    for (let index = 0; index < this.length; index++) {
      const isMade = this.forms[index] === undefined
      const endUnixNs = isMade
        ? (this.at(index)?.endUnixNs ?? 0n)
        : this.unixNsAt((this.starts[index] ?? 0) + END_WORD)
      if (endUnixNs > newest) newest = endUnixNs
    }
    return newest
  }

  /** The time whose lower half stands at `word`. */
  unixNsAt(word: number): bigint {
    // Words below the length, and times at whole places of eight bytes.
    return this.#times[word >> 1] as bigint
  }

  #record(form: SpanForm, index: number): SpanRecord {
    const { words } = this
    const start = this.starts[index] ?? 0
    const parent = start + PARENT_ID_WORD
    const hasParent = words[parent] !== 0 || words[parent + 1] !== 0
    const isSame = form.slots.length === 0
    const { name, attributes } = isSame ? form : this.#values(form, start)
    return {
      traceId: this.traceIdAt(start + TRACE_ID_WORD),
      spanId: this.spanIdAt(start + SPAN_ID_WORD),
      parentSpanId: hasParent ? this.spanIdAt(parent) : undefined,
      traceState: form.traceState,
      name,
      kind: form.kind,
      startUnixNs: this.unixNsAt(start + START_WORD),
      endUnixNs: this.unixNsAt(start + END_WORD),
      attributes,
      links: NO_LINKS,
      status: form.status,
      resource: this.#resourceOf(index),
    }
  }

  #values(form: SpanForm, start: number): Pick<SpanForm, 'name' | 'attributes'> {
    let number = (start + HEAD_WORD_COUNT) >> 1
    let text = this.words[start + TEXTS_WORD] ?? 0
    let { name, attributes } = form
    let values: AttributeValue[] | undefined
    for (const { place, isNumber } of form.slots) {
      // There is a value for each slot.
      const value = (isNumber ? this.numbers[number++] : this.texts[text++]) as AttributeValue
      if (place === NAME_PLACE) name = value as string
      else {
        values ??= form.values.slice()
        values[place] = value
      }
    }
    if (values !== undefined) attributes = new AttributeList(form.shape, values)
    return { name, attributes }
  }
}

const NO_WORDS = new Int32Array()
const NO_NUMBERS = new Float64Array()
const NO_TIMES = new BigUint64Array()
