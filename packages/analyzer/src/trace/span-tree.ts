import type { SpanRecord } from '../otlp/span-record.ts'
import { laterOf, MAX_OFFSET_NS } from '../time/unix-ns.ts'
import type { SpanRole } from './execution.ts'
import { executionIdOf, spanRole } from './span-role.ts'

/** One record while its execution is built. `parent` is an index into the sorted records, -1 for none. */
export interface SpanNode {
  readonly record: SpanRecord
  readonly role: SpanRole
  /** `own`: of this execution; `guest`: the root of a sub-flow; `plain`: says nothing itself. */
  readonly claim: 'own' | 'guest' | 'plain'
  /** Never before its start, and known also for a span that has not ended. */
  readonly endUnixNs: bigint
  parent: number
  /** A parent id was given, and the span is not here. */
  readonly isParentMissing: boolean
}

export interface SpanTree {
  /** In order of (start, end, span id, trace id), so that nothing below depends on the order of arrival. */
  readonly nodes: readonly SpanNode[]
  readonly flags: Set<string>
}

/** Sorts, removes duplicates, links parents and breaks self-parents and cycles. No recursion. */
export function linkSpans(records: readonly SpanRecord[], executionId: string): SpanTree {
  const flags = new Set<string>()
  const unique = withoutDuplicates(records, flags)
  const sorted = withinReach([...unique.values()].sort(byTime), flags)
  const openEndUnixNs = sorted.reduce(
    (max, r) => laterOf(max, laterOf(r.startUnixNs, r.endUnixNs)),
    0n,
  )
  const keyOf = spanKeys(sorted)
  const indexByKey = new Map<string, number>()
  for (let index = 0; index < sorted.length; index++) {
    const record = sorted[index]
    if (record !== undefined) indexByKey.set(keyOf(record), index)
  }
  const nodes = sorted.map((record, index): SpanNode => {
    const parent = parentIndex(record, indexByKey, keyOf)
    if (parent === index) flags.add('self_parent')
    return {
      record,
      role: spanRole(record),
      claim: claimOf(record, executionId),
      endUnixNs: endOf(record, openEndUnixNs, flags),
      parent: parent === undefined || parent === index ? -1 : parent,
      isParentMissing: record.parentSpanId !== undefined && parent === undefined,
    }
  })
  breakCycles(nodes, flags)
  return { nodes, flags }
}

/**
 * Which of two records with the same ids to keep: the one that ended (last), then the fuller one. Symmetric, so
 * that the order of arrival does not matter.
 */
export function preferredRecord(a: SpanRecord, b: SpanRecord): SpanRecord {
  if (a.endUnixNs !== b.endUnixNs) return a.endUnixNs > b.endUnixNs ? a : b
  if (a.attributes.size !== b.attributes.size) return a.attributes.size > b.attributes.size ? a : b
  if (a.startUnixNs !== b.startUnixNs) return a.startUnixNs < b.startUnixNs ? a : b
  return a.name <= b.name ? a : b
}

/** Both ended, and not at the same time: more than a retried request, or a partial record and then the final one. */
export function isContradiction(a: SpanRecord, b: SpanRecord): boolean {
  return a.endUnixNs !== b.endUnixNs && a.endUnixNs !== 0n && b.endUnixNs !== 0n
}

/** Span ids are unique in their trace only. */
export function spanKey({ traceId, spanId }: { traceId: string; spanId: string }): string {
  return `${traceId}/${spanId}`
}

/** `spanKey`, or the span id alone where all spans are of one trace: most executions. */
function spanKeys(records: readonly SpanRecord[]): typeof spanKey {
  const traceId = records[0]?.traceId
  return records.every((record) => record.traceId === traceId) ? ({ spanId }) => spanId : spanKey
}

function withoutDuplicates(
  records: readonly SpanRecord[],
  flags: Set<string>,
): Map<string, SpanRecord> {
  const unique = new Map<string, SpanRecord>()
  const keyOf = spanKeys(records)
  for (const record of records) {
    const key = keyOf(record)
    const known = unique.get(key)
    if (known !== undefined) flags.add('duplicate_span')
    unique.set(key, known === undefined ? record : preferredRecord(known, record))
  }
  return unique
}

/**
 * Offsets are exact within 104 days. What lies farther from the middle span than half of that is left out: a span
 * with a broken clock must not move the others.
 */
function withinReach(sorted: readonly SpanRecord[], flags: Set<string>): readonly SpanRecord[] {
  const middle = sorted[sorted.length >> 1]
  if (middle === undefined) return sorted
  const reach = BigInt(MAX_OFFSET_NS) / 2n
  const from = middle.startUnixNs - reach
  const to = middle.startUnixNs + reach
  const near = sorted.filter(
    (r) => r.startUnixNs >= from && r.startUnixNs <= to && r.endUnixNs <= to,
  )
  if (near.length < sorted.length) flags.add('out_of_range_span')
  return near
}

function byTime(a: SpanRecord, b: SpanRecord): number {
  return (
    compare(a.startUnixNs, b.startUnixNs) ||
    compare(a.endUnixNs, b.endUnixNs) ||
    compare(a.spanId, b.spanId) ||
    compare(a.traceId, b.traceId)
  )
}

function compare<T extends bigint | string>(a: T, b: T): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function parentIndex(
  record: SpanRecord,
  indexByKey: ReadonlyMap<string, number>,
  keyOf: typeof spanKey,
): number | undefined {
  const { traceId, parentSpanId } = record
  return parentSpanId === undefined
    ? undefined
    : indexByKey.get(keyOf({ traceId, spanId: parentSpanId }))
}

function claimOf(record: SpanRecord, executionId: string): SpanNode['claim'] {
  const id = executionIdOf(record.attributes)
  if (id === undefined) return 'plain'
  return id === executionId ? 'own' : 'guest'
}

/** A span that has not ended lasts as long as anything is known; one that ends before its start has no length. */
function endOf(record: SpanRecord, openEndUnixNs: bigint, flags: Set<string>): bigint {
  if (record.endUnixNs === 0n) {
    flags.add('unended_span')
    return openEndUnixNs
  }
  if (record.endUnixNs >= record.startUnixNs) return record.endUnixNs
  flags.add('end_before_start')
  return record.startUnixNs
}

/**
 * Walks up from each span, once over each edge. Meeting the walk's own trail is a cycle: it is opened above its
 * first span in sorted order, which is the same span wherever the walk began.
 */
function breakCycles(nodes: readonly SpanNode[], flags: Set<string>): void {
  const walkOf = new Int32Array(nodes.length).fill(-1)
  for (let start = 0; start < nodes.length; start++) {
    let at = start
    while (at !== -1 && walkOf[at] === -1) {
      walkOf[at] = start
      at = parentOf(nodes, at)
    }
    if (at === -1 || walkOf[at] !== start) continue
    let first = at
    for (let member = parentOf(nodes, at); member !== at; member = parentOf(nodes, member))
      first = Math.min(first, member)
    const node = nodes[first]
    if (node !== undefined) node.parent = -1
    flags.add('cycle')
  }
}

function parentOf(nodes: readonly SpanNode[], index: number): number {
  return nodes[index]?.parent ?? -1
}
