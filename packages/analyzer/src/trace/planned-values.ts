import { type FormSlot, NAME_PLACE, type SpanBatch, type SpanForm } from '../otlp/span-batch.ts'
import type { AttributeValue } from '../otlp/span-record.ts'
import { spanBaseBytes, valueBytes } from './held.ts'
import { CONSTANT, isSameValue, OTHER, OWN_ID, type SpanLayout } from './span-layout.ts'

/** Where values stand from an execution's first one on, and what each has to be. */
interface Expected<V> {
  at: number[]
  readonly values: V[]
}

/** Where a value comes from: from an execution's own ones, or it is the same in each. */
interface Source {
  readonly kind: 'number' | 'text' | 'constant'
  readonly at: number
  readonly constant: AttributeValue | undefined
}

const CONSTANT_AT = -1

/** Where the first number and text stand of a span, or of the first one. */
interface FirstValues {
  readonly number: number
  readonly text: number
}

type LaidRecord = SpanLayout['records'][number]

/** The values of executions of known forms and layout: what each has to be, and where what differs is read. */
export class PlannedValues {
  /** What spans weigh but for the execution's ids and what may be of any length. */
  baseBytes = 0
  /** Texts that are the execution's id. */
  #ownIds: number[] = []
  readonly #sameTexts: Expected<AttributeValue> = { at: [], values: [] }
  readonly #sameNumbers: Expected<number> = { at: [], values: [] }
  /** Where numbers stand that differ, or `CONSTANT_AT`. */
  #numberAt: number[] = []
  /** What is the same in all executions, by place; 0 elsewhere. */
  #constantNumbers: number[] = []
  readonly #others: Source[] = []

  get ownIdCount(): number {
    return this.#ownIds.length
  }

  /** Notes what has to be looked at in a span of the form, whose numbers and texts begin there; false where none is as the layout says. */
  addForm(form: SpanForm, record: LaidRecord, first: FirstValues): boolean {
    const { name, kind, status, shape } = record
    if (form.kind !== kind || form.status !== status || form.shape !== shape) return false
    if (form.traceState !== '') return false
    let { number, text } = first
    const sourceOf = ({ isNumber }: FormSlot): Source =>
      isNumber
        ? { kind: 'number', at: number++, constant: undefined }
        : { kind: 'text', at: text++, constant: undefined }
    const sources: Source[] = form.values.map((constant) => ({ kind: 'constant', at: 0, constant }))
    let named: Source = { kind: 'constant', at: 0, constant: form.name }
    for (const slot of form.slots) {
      const source = sourceOf(slot)
      if (slot.place === NAME_PLACE) named = source
      else sources[slot.place] = source
    }
    this.baseBytes += spanBaseBytes(name, shape.keys.length)
    return (
      this.#expect(named, name) &&
      sources.every((source, place) => this.#addValue(source, record, place))
    )
  }

  #addValue(source: Source, { slots, constants }: LaidRecord, place: number): boolean {
    const slot = slots[place]
    if (slot === OTHER) {
      this.#others.push(source)
      return true
    }
    if (slot === OWN_ID) {
      this.baseBytes += valueBytes('')
      this.#ownIds.push(source.at)
      return source.kind === 'text'
    }
    if (slot === CONSTANT) {
      this.baseBytes += valueBytes(constants[place])
      return this.#expect(source, constants[place])
    }
    this.baseBytes += valueBytes(0)
    return this.#addNumber(source)
  }

  #addNumber({ kind, at, constant }: Source): boolean {
    const isConstant = kind === 'constant'
    this.#numberAt.push(isConstant ? CONSTANT_AT : at)
    this.#constantNumbers.push(typeof constant === 'number' ? constant : 0)
    return isConstant ? typeof constant === 'number' : kind === 'number'
  }

  /** Has what is the same in plans of another flow where they have it, so that flows in turn read the same memory. */
  share(like: PlannedValues): void {
    this.#ownIds = sharedNumbers(like.#ownIds, this.#ownIds)
    this.#sameTexts.at = sharedNumbers(like.#sameTexts.at, this.#sameTexts.at)
    this.#sameNumbers.at = sharedNumbers(like.#sameNumbers.at, this.#sameNumbers.at)
    this.#numberAt = sharedNumbers(like.#numberAt, this.#numberAt)
    this.#constantNumbers = sharedNumbers(like.#constantNumbers, this.#constantNumbers)
  }

  /** Notes that a value has to be this one; false where it never is. */
  #expect({ kind, at, constant }: Source, value: AttributeValue | undefined): boolean {
    if (kind === 'constant') return isSameValue(constant, value)
    if (value === undefined || (kind === 'number' && typeof value !== 'number')) return false
    const expected = kind === 'text' ? this.#sameTexts : this.#sameNumbers
    expected.at.push(at)
    // Of numbers only numbers are expected.
    expected.values.push(value as never)
    return true
  }

  executionId({ texts }: SpanBatch, { text }: FirstValues): string {
    // The layout knows it as the id, which is a text.
    return texts[text + (this.#ownIds[0] ?? 0)] as string
  }

  /** Whether all that is to be the execution's id is one, and the rest is as expected. */
  areExpected(batch: SpanBatch, { number, text }: FirstValues): boolean {
    return (
      this.#hasOwnIds(batch, text) && this.#hasTexts(batch, text) && this.#hasNumbers(batch, number)
    )
  }

  #hasOwnIds({ texts }: SpanBatch, text: number): boolean {
    const executionId = texts[text + (this.#ownIds[0] ?? 0)]
    for (const at of this.#ownIds) if (texts[text + at] !== executionId) return false
    return true
  }

  #hasTexts({ texts }: SpanBatch, text: number): boolean {
    const { at, values } = this.#sameTexts
    for (let index = 0; index < at.length; index++) {
      const value = texts[text + (at[index] ?? 0)]
      if (value !== values[index] && !isSameValue(value, values[index])) return false
    }
    return true
  }

  #hasNumbers({ numbers }: SpanBatch, first: number): boolean {
    const { at, values } = this.#sameNumbers
    for (let index = 0; index < at.length; index++)
      if (!Object.is(numbers[first + (at[index] ?? 0)], values[index])) return false
    return true
  }

  get numberCount(): number {
    return this.#numberAt.length
  }

  /** Writes the numbers that the layout says, from `to` on. */
  writeNumbers(
    { numbers }: SpanBatch,
    { number }: FirstValues,
    row: Float64Array,
    to: number,
  ): void {
    const numberAt = this.#numberAt
    for (let index = 0; index < numberAt.length; index++) {
      // An index below the length, and a number where one stands.
      const at = numberAt[index] as number
      const value = at === CONSTANT_AT ? this.#constantNumbers[index] : numbers[number + at]
      row[to + index] = value as number
    }
  }

  others({ numbers, texts }: SpanBatch, first: FirstValues): readonly AttributeValue[] {
    if (this.#others.length === 0) return NO_OTHERS
    const values = this.#others.map(({ kind, at, constant }) => {
      if (kind === 'number') return numbers[first.number + at]
      return kind === 'text' ? texts[first.text + at] : constant
    })
    // There is a value where the source says so.
    return values as readonly AttributeValue[]
  }
}

const NO_OTHERS: readonly AttributeValue[] = []

/** Of equal lists the first. */
export function sharedNumbers(known: number[], own: number[]): number[] {
  const isSame = own.length === known.length && own.every((one, at) => Object.is(one, known[at]))
  return isSame ? known : own
}
