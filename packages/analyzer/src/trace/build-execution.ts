import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_EXECUTION_PARENT_ID,
  ATTR_QFLOW_EXECUTION_SEGMENT,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_EXECUTION_TRIGGER_TYPE,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
} from '@qflow-otel/semconv'
import type { SpanRecord, StartedExecution } from '../otlp/span-record.ts'
import { offsetNs } from '../time/unix-ns.ts'
import type { CloseReason, Execution, ExecutionSpan, StepRun } from './execution.ts'
import { type ExecutionScope, executionScope, isSegment } from './execution-scope.ts'
import { pauses } from './pauses.ts'
import { numberOf, textOf } from './span-role.ts'
import { linkSpans, type SpanNode } from './span-tree.ts'
import { stepRun } from './step-run.ts'

/** Clocks of one process differ by less: each library anchors its own, and most tick in ms. */
const SKEW_TOLERANCE_NS = 1_000_000n

export interface ExecutionInput {
  readonly tenant: string
  readonly executionId: string
  readonly records: readonly SpanRecord[]
  readonly started?: StartedExecution | undefined
  readonly closeReason?: CloseReason | undefined
  readonly flags?: readonly string[]
}

/**
 * Raw spans of one execution, in any order -> the execution. Equal sets of spans give equal executions. Never
 * throws on what spans say: what is not as it should be is a flag. O(n log n), no recursion.
 */
export function buildExecution(input: ExecutionInput): Execution {
  const { nodes, flags } = linkSpans(input.records, input.executionId)
  const scope = executionScope({ nodes, flags, isFinalSegment })
  for (const flag of input.flags ?? []) flags.add(flag)
  const spans = rowsOf(nodes, scope, flags)
  const durationNs = offsetNs(scope.endUnixNs, scope.startUnixNs)
  const pausedNs = pauses(spans, durationNs).reduce((sum, gap) => sum + gap.endNs - gap.startNs, 0)
  const members = scope.order.flatMap((index) => nodes[index] ?? [])
  const steps = stepsOf(members, spans, flags)
  const isTimeless = members.length === 0
  if (!members.some(isSegment)) flags.add('missing_root')
  if (scope.hasEnded && spans.some((span) => span.endNs > durationNs)) flags.add('outlives_root')
  return {
    tenant: input.tenant,
    executionId: input.executionId,
    ...identityOf(input, members),
    traceIds: traceIdsOf(input, members),
    startUnixNs: isTimeless ? (input.started?.startUnixNs ?? 0n) : scope.startUnixNs,
    durationNs,
    activeNs: durationNs - pausedNs,
    closeReason: input.closeReason,
    spans,
    steps,
    spanCount: spans.length,
    flags: [...flags].sort(),
  }
}

/** A segment that ended paused or still running is followed by another. */
export function isFinalStatus(status: string | undefined): boolean {
  return status !== 'paused' && status !== 'running'
}

function isFinalSegment(node: SpanNode): boolean {
  return isSegment(node) && node.record.endUnixNs > 0n && isFinalStatus(statusOf(node.record))
}

function statusOf({ attributes }: SpanRecord): string | undefined {
  return textOf(attributes, ATTR_QFLOW_EXECUTION_STATUS)
}

function rowsOf(
  nodes: readonly SpanNode[],
  scope: ExecutionScope,
  flags: Set<string>,
): readonly ExecutionSpan[] {
  const spans: ExecutionSpan[] = []
  const rowOf = new Int32Array(nodes.length)
  for (const index of scope.order) {
    const node = nodes[index]
    if (node === undefined) continue
    const { record } = node
    rowOf[index] = spans.length
    const parent = nodes[scope.parent[index] ?? -1]
    const startNs = offsetNs(record.startUnixNs, scope.startUnixNs)
    const earliestUnixNs = (parent?.record.startUnixNs ?? scope.startUnixNs) - SKEW_TOLERANCE_NS
    if (record.startUnixNs < earliestUnixNs) flags.add('clock_skew')
    spans.push({
      spanId: record.spanId,
      traceId: record.traceId,
      parentSpanId: parent?.record.spanId,
      parentRow: parent === undefined ? -1 : (rowOf[scope.parent[index] ?? -1] ?? -1),
      name: record.name,
      kind: record.kind,
      role: node.role,
      startNs: Math.max(0, startNs),
      endNs: Math.max(0, offsetNs(node.endUnixNs, scope.startUnixNs)),
      isError: record.status === 'error',
      serviceName: record.resource.serviceName,
      attributes: record.attributes,
      links: record.links.length === 0 ? undefined : record.links,
      depth: scope.depth[index] ?? 0,
    })
  }
  return spans
}

/** Step spans of this execution, in order of (start, end, span id). */
function stepsOf(
  members: readonly SpanNode[],
  spans: readonly ExecutionSpan[],
  flags: Set<string>,
): readonly StepRun[] {
  const attemptCounts = new Map<string, number>()
  for (const { role, parentSpanId } of spans)
    if (role === 'attempt' && parentSpanId !== undefined)
      attemptCounts.set(parentSpanId, (attemptCounts.get(parentSpanId) ?? 0) + 1)
  const runs = spans.flatMap((span, row) => {
    if (span.role !== 'step' || members[row]?.claim === 'guest') return []
    return stepRun(span, attemptCounts.get(span.spanId) ?? 0, flags) ?? []
  })
  return runs.sort(
    (a, b) => a.startNs - b.startNs || a.endNs - b.endNs || (a.spanId < b.spanId ? -1 : 1),
  )
}

type Identity = Pick<
  Execution,
  | 'flowId'
  | 'flowVersion'
  | 'serviceVersion'
  | 'parentExecutionId'
  | 'triggerType'
  | 'status'
  | 'errorType'
>

/** The first segment says how it began, the last how it ended; without them any own span says what it can. */
function identityOf(input: ExecutionInput, members: readonly SpanNode[]): Identity {
  const own = members.filter((node) => node.claim === 'own').map((node) => node.record)
  const segments = segmentsInOrder(members)
  const inOrder = [...segments, ...own]
  const first = (key: string): string | undefined => firstText(inOrder, key)
  const last = segments.at(-1)
  return {
    flowId:
      first(ATTR_QFLOW_FLOW_ID) ?? input.started?.flowId ?? members[0]?.record.name ?? 'unknown',
    flowVersion: first(ATTR_QFLOW_FLOW_VERSION) ?? input.started?.flowVersion,
    serviceVersion: serviceVersionOf(inOrder),
    parentExecutionId: first(ATTR_QFLOW_EXECUTION_PARENT_ID),
    triggerType: first(ATTR_QFLOW_EXECUTION_TRIGGER_TYPE),
    status: last === undefined ? undefined : statusOf(last),
    errorType: last === undefined ? undefined : textOf(last.attributes, ATTR_ERROR_TYPE),
  }
}

/** By segment number, then end. */
function segmentsInOrder(members: readonly SpanNode[]): readonly SpanRecord[] {
  return members
    .filter(isSegment)
    .map((node) => node.record)
    .sort((a, b) => segmentNumber(a) - segmentNumber(b) || Number(a.endUnixNs - b.endUnixNs))
}

function segmentNumber({ attributes }: SpanRecord): number {
  return numberOf(attributes, ATTR_QFLOW_EXECUTION_SEGMENT) ?? 0
}

function firstText(records: readonly SpanRecord[], key: string): string | undefined {
  for (const { attributes } of records) {
    const text = textOf(attributes, key)
    if (text !== undefined) return text
  }
  return undefined
}

function serviceVersionOf(records: readonly SpanRecord[]): string | undefined {
  for (const { resource } of records) {
    const version = textOf(resource.attributes, 'service.version')
    if (version !== undefined) return version
  }
  return undefined
}

/** The first span's trace first. */
function traceIdsOf(input: ExecutionInput, members: readonly SpanNode[]): readonly string[] {
  const ids = new Set(members.map((node) => node.record.traceId))
  if (ids.size === 0 && input.started !== undefined) ids.add(input.started.traceId)
  return [...ids]
}
