import type { SpanRecord } from '../otlp/span-record.ts'
import { MAX_OFFSET_NS, offsetNs } from '../time/unix-ns.ts'
import type { SpanRole } from './execution.ts'
import { executionIdOf, spanRole } from './span-role.ts'

/** Half of what offsets reach: 52 days. */
const REACH_NS = BigInt(MAX_OFFSET_NS) / 2n

/** One record while its execution is built. */
export interface SpanNode {
  readonly record: SpanRecord
  readonly role: SpanRole
  /** `own`: of this execution; `guest`: the root of a sub-flow; `plain`: says nothing itself. */
  readonly claim: 'own' | 'guest' | 'plain'
  /** After the anchor. */
  readonly startNs: number
  /** Never before the start, and known also for a span that has not ended. */
  readonly endNs: number
  /** An index into the nodes, -1 for none. */
  parent: number
  /** A parent id was given, and the span is not here. */
  readonly isParentMissing: boolean
}

export interface SpanTree {
  /** In order of (start, end, span id, trace id), so that nothing below depends on the order of arrival. */
  readonly nodes: readonly SpanNode[]
  /** When the first of them starts; what nodes call ns is after it. */
  readonly anchorUnixNs: bigint
  readonly flags: Set<string>
}

/** Sorts, removes duplicates, links parents and breaks self-parents and cycles. No recursion. */
export function linkSpans(records: readonly SpanRecord[], executionId: string): SpanTree {
  const flags = new Set<string>()
  const isOneTrace = areOfOneTrace(records)
  const unique = inOrder(records, isOneTrace, flags)
  const sorted = withinReach(unique.sorted, flags)
  const isWhole = sorted.length === unique.sorted.length
  const indexByKey = isWhole ? unique.indexByKey : indexOf(sorted, isOneTrace)
  const anchorUnixNs = sorted[0]?.startUnixNs ?? 0n
  const openEndUnixNs = hasUnended(sorted) ? lastTimeOf(sorted) : 0n
  const nodes: SpanNode[] = []
  let hasLaterParent = false
  for (let index = 0; index < sorted.length; index++) {
    // An index below the length.
    const record = sorted[index] as SpanRecord
    const parent = parentIndex(record, indexByKey, isOneTrace)
    if (parent === index) flags.add('self_parent')
    if (parent !== undefined && parent > index) hasLaterParent = true
    const startNs = offsetNs(record.startUnixNs, anchorUnixNs)
    nodes.push({
      record,
      role: spanRole(record),
      claim: claimOf(record, executionId),
      startNs,
      endNs: offsetNs(endOf(record, openEndUnixNs, flags), anchorUnixNs),
      parent: parent === undefined || parent === index ? -1 : parent,
      isParentMissing: record.parentSpanId !== undefined && parent === undefined,
    })
  }
  // A cycle has a span whose parent comes later.
  if (hasLaterParent) breakCycles(nodes, flags)
  return { nodes, anchorUnixNs, flags }
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

/** Then a span id alone names a span: most executions. */
function areOfOneTrace(records: readonly SpanRecord[]): boolean {
  const traceId = records[0]?.traceId
  for (const record of records) if (record.traceId !== traceId) return false
  return true
}

interface Unique {
  readonly sorted: readonly SpanRecord[]
  /** By `spanKey`, or span id where all are of one trace. */
  readonly indexByKey: ReadonlyMap<string, number>
}

/** Sorted, one record for each pair of ids. */
function inOrder(records: readonly SpanRecord[], isOneTrace: boolean, flags: Set<string>): Unique {
  const sorted = [...records].sort(byTime)
  const indexByKey = indexOf(sorted, isOneTrace)
  if (indexByKey.size === sorted.length) return { sorted, indexByKey }
  flags.add('duplicate_span')
  const unique = new Map<string, SpanRecord>()
  for (const record of sorted) {
    const key = isOneTrace ? record.spanId : spanKey(record)
    const known = unique.get(key)
    unique.set(key, known === undefined ? record : preferredRecord(known, record))
  }
  const preferred = [...unique.values()].sort(byTime)
  return { sorted: preferred, indexByKey: indexOf(preferred, isOneTrace) }
}

function indexOf(sorted: readonly SpanRecord[], isOneTrace: boolean): ReadonlyMap<string, number> {
  const indexByKey = new Map<string, number>()
  for (let index = 0; index < sorted.length; index++) {
    // An index below the length.
    const record = sorted[index] as SpanRecord
    indexByKey.set(isOneTrace ? record.spanId : spanKey(record), index)
  }
  return indexByKey
}

/**
 * Offsets are exact within 104 days. What lies farther from the middle span than half of that is left out: a span
 * with a broken clock must not move the others.
 */
function withinReach(sorted: readonly SpanRecord[], flags: Set<string>): readonly SpanRecord[] {
  const middle = sorted[sorted.length >> 1]
  if (middle === undefined) return sorted
  const from = middle.startUnixNs - REACH_NS
  const to = middle.startUnixNs + REACH_NS
  // They are in order of start.
  const isNear = from <= (sorted[0]?.startUnixNs ?? from) && lastTimeOf(sorted) <= to
  if (isNear) return sorted
  const near = sorted.filter(
    (r) => r.startUnixNs >= from && r.startUnixNs <= to && r.endUnixNs <= to,
  )
  if (near.length < sorted.length) flags.add('out_of_range_span')
  return near
}

function byTime(a: SpanRecord, b: SpanRecord): number {
  if (a.startUnixNs !== b.startUnixNs) return a.startUnixNs < b.startUnixNs ? -1 : 1
  if (a.endUnixNs !== b.endUnixNs) return a.endUnixNs < b.endUnixNs ? -1 : 1
  if (a.spanId !== b.spanId) return a.spanId < b.spanId ? -1 : 1
  if (a.traceId !== b.traceId) return a.traceId < b.traceId ? -1 : 1
  return 0
}

function hasUnended(records: readonly SpanRecord[]): boolean {
  for (const { endUnixNs } of records) if (endUnixNs === 0n) return true
  return false
}

function lastTimeOf(records: readonly SpanRecord[]): bigint {
  let last = 0n
  for (const { startUnixNs, endUnixNs } of records) {
    if (startUnixNs > last) last = startUnixNs
    if (endUnixNs > last) last = endUnixNs
  }
  return last
}

function parentIndex(
  record: SpanRecord,
  indexByKey: ReadonlyMap<string, number>,
  isOneTrace: boolean,
): number | undefined {
  const { traceId, parentSpanId } = record
  if (parentSpanId === undefined) return undefined
  return indexByKey.get(isOneTrace ? parentSpanId : spanKey({ traceId, spanId: parentSpanId }))
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
