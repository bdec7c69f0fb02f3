import { AttributeList, type AttributeShape } from './attribute-list.ts'
import { MAX_SMALL_INT_BYTES } from './attributes-protobuf.ts'
import { kindOf, statusOf } from './checked-span.ts'
import { DOUBLE, INT } from './common-fields.ts'
import { HEAD_WORD_COUNT, type SpanForm } from './span-batch.ts'
import type { SpanDraft } from './span-draft.ts'
import type { AttributeValue } from './span-record.ts'
import type { ValueGap } from './span-template.ts'

/** What spans of one template have in common besides their bytes. */
export type TemplateSpan = Pick<SpanDraft, 'traceState' | 'name' | 'kind' | 'statusCode'>

/** The form of a template's spans while these gaps differ. */
export function formOf(
  { traceState, name, kind, statusCode }: TemplateSpan,
  { shape, values }: { readonly shape: AttributeShape; readonly values: AttributeValue[] },
  variables: readonly ValueGap[],
): SpanForm {
  const slots = variables.map((gap) => ({ place: gap.place, isNumber: isNumberGap(gap) }))
  const numberCount = slots.filter(({ isNumber }) => isNumber).length
  return {
    traceState,
    name,
    kind: kindOf(kind),
    status: statusOf(statusCode),
    shape,
    values,
    attributes: new AttributeList(shape, values),
    slots,
    wordCount: HEAD_WORD_COUNT + 2 * numberCount,
    textCount: slots.length - numberCount,
  }
}

/** Whether what stands in the gap is a number in any case. */
export function isNumberGap({ kind, at, end }: ValueGap): boolean {
  return kind === DOUBLE || (kind === INT && end - at <= MAX_SMALL_INT_BYTES)
}
