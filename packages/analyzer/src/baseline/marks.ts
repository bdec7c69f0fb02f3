import { type Counters, countOne } from './counters.ts'

/** Something that somebody did at a time and marked: a deployment, a migration, a switch. */
export interface Mark {
  readonly tenant: string
  /** Absent: it may concern every flow. */
  readonly flowId: string | undefined
  readonly unixNs: bigint
  readonly text: string
}

/** Marks of all tenants together: a deployment an hour for ten days. */
const MAX_MARK_COUNT = 256
/** UTF-16 units of a mark's text. */
export const MAX_MARK_LENGTH = 200

/** Keeps a mark, in order of time; the oldest go beyond the bound, `mark_limit` counts them. The same mark twice is one. */
export function noteMark(marks: Mark[], mark: Mark, counters: Counters): void {
  const kept = { ...mark, text: mark.text.slice(0, MAX_MARK_LENGTH) }
  if (marks.some((one) => isSameMark(one, kept))) return
  const later = marks.findIndex(({ unixNs }) => unixNs > kept.unixNs)
  marks.splice(later < 0 ? marks.length : later, 0, kept)
  if (marks.length <= MAX_MARK_COUNT) return
  marks.shift()
  countOne(counters, 'mark_limit')
}

/** The marks that may concern a flow, oldest first. */
export function marksOf(
  marks: readonly Mark[],
  { tenant, flowId }: { readonly tenant: string; readonly flowId: string },
): readonly Mark[] {
  return marks.filter(
    (mark) => mark.tenant === tenant && (mark.flowId === undefined || mark.flowId === flowId),
  )
}

function isSameMark(a: Mark, b: Mark): boolean {
  return (
    a.unixNs === b.unixNs && a.text === b.text && a.tenant === b.tenant && a.flowId === b.flowId
  )
}
