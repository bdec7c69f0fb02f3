import {
  NAME_PLACE,
  type SpanBatch,
  type SpanForm,
  TEXTS_WORD,
  TRACE_ID_WORD,
} from '../otlp/span-batch.ts'
import type { AttributeValue } from '../otlp/span-record.ts'
import type { SpanLayout } from './span-layout.ts'
import { WholePlan } from './whole-plan.ts'

/** Ids of larger ones would be compared with each other too often. */
export const MAX_PLANNED_COUNT = 64
/**
 * Spans in all plans together, some 150 bytes each: a thousand flows of ten spans. Beyond it everything is forgotten and learnt
 * anew, so that it cannot be filled up for good.
 */
const MAX_SPAN_COUNT = 10_000
/** Of equal first form. */
const MAX_SEQUENCE_COUNT = 16
/** Learning costs as much as closing a few executions: one is learnt for so many that come, and the first 64 at once. */
const RUNS_PER_LEARNT = 16
const MAX_CREDIT = 64 * RUNS_PER_LEARNT

/** Forms that followed each other in one trace. Several flows may have the same. */
interface Sequence {
  readonly forms: readonly SpanForm[]
  /** By name of the last span, the flow's own, which mostly says which flow it is. */
  readonly plans: Map<AttributeValue, WholePlan>
  /** Where that name stands among the texts, from the first span's on; absent where all have one name. */
  readonly nameText: number | undefined
}

/** The plans for whole executions in a stream of batches. */
export class WholePlans {
  /** By first form. */
  readonly #sequences = new Map<SpanForm, Sequence[]>()
  #spanCount = 0
  #credit = MAX_CREDIT

  /** For the trace's spans from `from` on, `count` of them. */
  find(batch: SpanBatch, from: number, count: number): WholePlan | undefined {
    const first = batch.forms[from]
    const sequence = first && this.#sequenceOf(first, batch, from, count)
    return sequence?.plans.get(rootName(sequence, batch, from))
  }

  /** Whether an execution without a plan is to be learnt from. */
  mayLearn(): boolean {
    this.#credit = Math.min(this.#credit + 1, MAX_CREDIT)
    return this.#credit >= RUNS_PER_LEARNT
  }

  /** Learns that spans of these forms were of this layout. */
  learn(batch: SpanBatch, from: number, layout: SpanLayout): void {
    this.#credit -= RUNS_PER_LEARNT
    const count = layout.records.length
    const forms = batch.forms.slice(from, from + count)
    const [first] = forms
    if (first === undefined || !forms.every((form) => form !== undefined)) return
    const plan = WholePlan.of(forms, layout)
    if (plan === undefined) return
    if (this.#spanCount + count > MAX_SPAN_COUNT) {
      this.#sequences.clear()
      this.#spanCount = 0
    }
    const sequence = this.#sequenceOf(first, batch, from, count) ?? this.#added(first, forms)
    const name = rootName(sequence, batch, from)
    const [like] = sequence.plans.values()
    if (like !== undefined) plan.share(like)
    if (!sequence.plans.has(name)) this.#spanCount += count
    sequence.plans.set(name, plan)
  }

  #sequenceOf(
    first: SpanForm,
    { forms }: SpanBatch,
    from: number,
    count: number,
  ): Sequence | undefined {
    const known = this.#sequences.get(first)
    if (known === undefined) return undefined
    for (const sequence of known) {
      if (sequence.forms.length !== count) continue
      let index = 1
      while (index < count && sequence.forms[index] === forms[from + index]) index++
      if (index === count) return sequence
    }
    return undefined
  }

  #added(first: SpanForm, forms: readonly SpanForm[]): Sequence {
    const known = this.#sequences.get(first) ?? []
    this.#sequences.set(first, known)
    const sequence = { forms, plans: new Map(), nameText: nameTextOf(forms) }
    known.unshift(sequence)
    if (known.length > MAX_SEQUENCE_COUNT) {
      const gone = known.pop()
      this.#spanCount -= (gone?.forms.length ?? 0) * (gone?.plans.size ?? 0)
    }
    return sequence
  }
}

/** How many spans from `from` on are of the same trace as the first, as far as forms are known; at most `maxCount`. */
export function runCount(
  { forms, starts, words }: SpanBatch,
  from: number,
  maxCount: number,
): number {
  const trace = (starts[from] ?? 0) + TRACE_ID_WORD
  let index = from
  for (; index < forms.length && forms[index] !== undefined; index++) {
    const other = (starts[index] ?? 0) + TRACE_ID_WORD
    if (words[other] !== words[trace] || words[other + 1] !== words[trace + 1]) break
    if (words[other + 2] !== words[trace + 2] || words[other + 3] !== words[trace + 3]) break
    if (index - from >= maxCount) return maxCount + 1
  }
  return index - from
}

function nameTextOf(forms: readonly SpanForm[]): number | undefined {
  let textCount = 0
  for (const { textCount: own } of forms.slice(0, -1)) textCount += own
  const last = forms.at(-1)
  const at = last?.slots.findIndex(({ place }) => place === NAME_PLACE) ?? -1
  if (last === undefined || at < 0) return undefined
  return textCount + last.slots.slice(0, at).filter(({ isNumber }) => !isNumber).length
}

function rootName(
  { forms, nameText }: Sequence,
  { starts, texts, words }: SpanBatch,
  from: number,
): AttributeValue {
  // A sequence has forms, and a batch the texts they tell of.
  if (nameText === undefined) return (forms.at(-1) as SpanForm).name
  return texts[(words[(starts[from] ?? 0) + TEXTS_WORD] ?? 0) + nameText] as AttributeValue
}
