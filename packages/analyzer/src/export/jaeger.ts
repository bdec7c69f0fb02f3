import { ATTR_QFLOW_CRITICAL_PATH_MEMBER, ATTR_QFLOW_CRITICAL_PATH_TIME } from '@qflow-otel/semconv'
import type { SpanRecord } from '../otlp/span-record.ts'
import { criticalPath } from '../path/critical-path.ts'
import { secondsFromNs } from '../time/unix-ns.ts'
import type { Execution } from '../trace/execution.ts'
import { preferredRecord, spanKey } from '../trace/span-tree.ts'
import { type JaegerProcess, type JaegerTag, jaegerProcess, jaegerTags } from './jaeger-tags.ts'

/** What Jaeger's query API answers and its page opens (Search, Upload). */
export interface JaegerFile {
  readonly data: readonly JaegerTrace[]
}

interface JaegerTrace {
  readonly traceID: string
  readonly spans: readonly JaegerSpan[]
  readonly processes: Readonly<Record<string, JaegerProcess>>
}

interface JaegerSpan {
  readonly traceID: string
  readonly spanID: string
  readonly operationName: string
  readonly references: readonly {
    readonly refType: 'CHILD_OF' | 'FOLLOWS_FROM'
    readonly traceID: string
    readonly spanID: string
  }[]
  /** Whole µs since 1970. */
  readonly startTime: number
  readonly duration: number
  readonly tags: readonly JaegerTag[]
  readonly logs: readonly never[]
  readonly processID: string
  readonly warnings?: readonly string[]
}

/** Said by a tag of Jaeger's own, as its reader of OTLP does, or by the tags of the path added here. */
const OWN_TAGS: ReadonlySet<string> = new Set([
  'span.kind',
  'otel.status_code',
  'w3c.tracestate',
  ATTR_QFLOW_CRITICAL_PATH_MEMBER,
  ATTR_QFLOW_CRITICAL_PATH_TIME,
])

/**
 * Spans as Jaeger has them, those on the critical path of their execution marked by tags. `decodeJaegerJson` reads them
 * back; lost are what lies below a µs, lists and maps (JSON text), and that a span had not ended (it has no length then,
 * and a warning). Start and end are cut to µs alike, so that what lay within or after another still does.
 */
export function jaegerFile(
  records: readonly SpanRecord[],
  executions: readonly Execution[],
): JaegerFile {
  const pathNs = pathNsBySpan(executions)
  const traces = new Map<string, Map<string, SpanRecord>>()
  for (const record of records) {
    const trace = traces.get(record.traceId) ?? new Map<string, SpanRecord>()
    traces.set(record.traceId, trace)
    const known = trace.get(record.spanId)
    trace.set(record.spanId, known === undefined ? record : preferredRecord(known, record))
  }
  const inOrder = [...traces.values()].map((trace) => [...trace.values()].sort(byStart))
  inOrder.sort(([a], [b]) => (a === undefined || b === undefined ? 0 : byStart(a, b)))
  return { data: inOrder.map((trace) => jaegerTrace(trace, pathNs)) }
}

/** ns of the path by span; a sub-flow's root stands in two executions, and each waited for it. */
function pathNsBySpan(executions: readonly Execution[]): ReadonlyMap<string, number> {
  const pathNs = new Map<string, number>()
  for (const execution of executions)
    for (const { spanIndex, startNs, endNs } of criticalPath(execution)) {
      const span = execution.spans[spanIndex ?? -1]
      if (span === undefined) continue
      const key = spanKey(span)
      pathNs.set(key, (pathNs.get(key) ?? 0) + endNs - startNs)
    }
  return pathNs
}

function jaegerTrace(
  records: readonly SpanRecord[],
  pathNs: ReadonlyMap<string, number>,
): JaegerTrace {
  const processes: Record<string, JaegerProcess> = {}
  const idByContent = new Map<string, string>()
  const spans = records.map((record) => {
    const process = jaegerProcess(record.resource)
    const content = JSON.stringify(process)
    const known = idByContent.get(content)
    const processID = known ?? `p${idByContent.size + 1}`
    if (known === undefined) {
      idByContent.set(content, processID)
      processes[processID] = process
    }
    return jaegerSpan(record, { processID, onPathNs: pathNs.get(spanKey(record)) })
  })
  return { traceID: records[0]?.traceId ?? '', spans, processes }
}

function jaegerSpan(
  record: SpanRecord,
  { processID, onPathNs }: { processID: string; onPathNs: number | undefined },
): JaegerSpan {
  const { traceId: traceID, spanId: spanID, parentSpanId, name, startUnixNs, endUnixNs } = record
  const startTime = Number(startUnixNs / 1000n)
  const parent =
    parentSpanId === undefined
      ? []
      : [{ refType: 'CHILD_OF' as const, traceID, spanID: parentSpanId }]
  const links = record.links.map((link) => ({
    refType: 'FOLLOWS_FROM' as const,
    traceID: link.traceId,
    spanID: link.spanId,
  }))
  return {
    traceID,
    spanID,
    operationName: name,
    references: [...parent, ...links],
    startTime,
    duration: Math.max(0, Number(endUnixNs / 1000n) - startTime),
    tags: [...tagsOf(record), ...pathTags(onPathNs)],
    logs: [],
    processID,
    ...(endUnixNs === 0n && { warnings: ['the span has not ended'] }),
  }
}

/** In the forms that Jaeger gives to what OTLP says outside attributes. */
function tagsOf(record: SpanRecord): JaegerTag[] {
  const { kind, status, traceState, attributes } = record
  const tags = jaegerTags(attributes, OWN_TAGS)
  const text = (key: string, value: string): JaegerTag => ({ key, type: 'string', value })
  if (kind !== 'unspecified') tags.push(text('span.kind', kind))
  // Without a status its page takes a tag `error` for one; then the status is said in full.
  if (status !== 'unset' || attributes.get('error') === true)
    tags.push(text('otel.status_code', status.toUpperCase()))
  if (status === 'error' && !attributes.has('error'))
    tags.push({ key: 'error', type: 'bool', value: true })
  if (traceState !== '') tags.push(text('w3c.tracestate', traceState))
  return tags
}

function pathTags(onPathNs: number | undefined): JaegerTag[] {
  if (onPathNs === undefined) return []
  return [
    { key: ATTR_QFLOW_CRITICAL_PATH_MEMBER, type: 'bool', value: true },
    { key: ATTR_QFLOW_CRITICAL_PATH_TIME, type: 'float64', value: secondsFromNs(onPathNs) },
  ]
}

function byStart(a: SpanRecord, b: SpanRecord): number {
  return (
    compare(a.startUnixNs, b.startUnixNs) ||
    // The longest first, so that parents stand before their children.
    compare(b.endUnixNs, a.endUnixNs) ||
    compare(a.traceId, b.traceId) ||
    compare(a.spanId, b.spanId)
  )
}

function compare<T extends bigint | string>(a: T, b: T): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
