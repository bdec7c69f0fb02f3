import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_EXECUTION_PARENT_ID,
  ATTR_QFLOW_EXECUTION_SEGMENT,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_EXECUTION_TRIGGER_TYPE,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
} from '@qflow-otel/semconv'
import type { KnownKey } from '../otlp/known-attributes.ts'
import type { Resource, SpanRecord, StartedExecution } from '../otlp/span-record.ts'
import { unixNsAt } from '../time/unix-ns.ts'
import type { CloseReason, Execution, ExecutionSpan, StepRun } from './execution.ts'
import { type ExecutionScope, executionScope, isSegment } from './execution-scope.ts'
import { type Interval, pauses } from './pauses.ts'
import { sampledWeight } from './sampled-weight.ts'
import { executionIdOf, knownNumber, knownText, textOf } from './span-role.ts'
import { linkSpans, type SpanNode } from './span-tree.ts'
import { stepRun } from './step-run.ts'

/** Clocks of one process differ by less: each library anchors its own, and most tick in ms. */
export const SKEW_TOLERANCE_NS = 1_000_000

const NO_FLAGS: readonly string[] = []

export interface ExecutionInput {
  readonly tenant: string
  readonly executionId: string
  readonly records: readonly SpanRecord[]
  readonly started?: StartedExecution | undefined
  readonly closeReason?: CloseReason | undefined
  readonly flags?: Iterable<string>
}

/**
 * Raw spans of one execution, in any order -> the execution. Equal sets of spans give equal executions. Never
 * throws on what spans say: what is not as it should be is a flag. O(n log n), no recursion.
 */
export function buildExecution(input: ExecutionInput): Execution {
  const { nodes, anchorUnixNs, flags } = linkSpans(input.records, input.executionId)
  const scope = executionScope({ nodes, flags, isFinalSegment })
  if (input.flags !== undefined) for (const flag of input.flags) flags.add(flag)
  const members = membersOf(nodes, scope)
  const spans = rowsOf(nodes, scope, flags)
  const durationNs = scope.endNs - scope.startNs
  const segments = segmentsInOrder(members)
  const pausedNs = segments.length > 1 ? sumOf(pauses(spans, durationNs)) : 0
  const steps = stepsOf(spans, input.executionId, flags)
  if (segments.length === 0 && !hasRootOfItsOwn(members)) flags.add('missing_root')
  if (scope.hasEnded && hasLongerSpan(spans, durationNs)) flags.add('outlives_root')
  return {
    tenant: input.tenant,
    executionId: input.executionId,
    ...identityOf({
      started: input.started,
      inOrder: [...segments, ...ownOf(members)],
      lastSegment: segments.at(-1),
      first: members[0]?.record,
    }),
    traceIds: traceIdsOf(input, members),
    startUnixNs: startOf(input, anchorUnixNs, scope),
    durationNs,
    activeNs: durationNs - pausedNs,
    closeReason: input.closeReason,
    spans,
    steps,
    spanCount: spans.length,
    flags: flagsInOrder(flags),
  }
}

export function flagsInOrder(flags: ReadonlySet<string>): readonly string[] {
  return flags.size === 0 ? NO_FLAGS : [...flags].sort()
}

/** Without a span it starts when it was said to. */
function startOf(input: ExecutionInput, anchorUnixNs: bigint, scope: ExecutionScope): bigint {
  if (scope.order.length === 0) return input.started?.startUnixNs ?? 0n
  return unixNsAt(anchorUnixNs, scope.startNs)
}

/** In the order of the rows. */
function membersOf(nodes: readonly SpanNode[], scope: ExecutionScope): readonly SpanNode[] {
  const members: SpanNode[] = []
  for (const index of scope.order) {
    const node = nodes[index]
    if (node !== undefined) members.push(node)
  }
  return members
}

/** A trace without a flow, whose root is the user's. */
function hasRootOfItsOwn(members: readonly SpanNode[]): boolean {
  const isRoot = ({ record }: SpanNode): boolean => record.parentSpanId === undefined
  return members.some(isRoot) && members.every(({ claim }) => claim === 'plain')
}

function sumOf(gaps: readonly Interval[]): number {
  return gaps.reduce((sum, gap) => sum + gap.endNs - gap.startNs, 0)
}

export function hasLongerSpan(spans: readonly ExecutionSpan[], durationNs: number): boolean {
  for (const { endNs } of spans) if (endNs > durationNs) return true
  return false
}

/** A segment that ended paused or still running is followed by another. */
export function isFinalStatus(status: string | undefined): boolean {
  return status !== 'paused' && status !== 'running'
}

function isFinalSegment(node: SpanNode): boolean {
  return isSegment(node) && node.record.endUnixNs > 0n && isFinalStatus(statusOf(node.record))
}

function statusOf({ attributes }: SpanRecord): string | undefined {
  return knownText(attributes, ATTR_QFLOW_EXECUTION_STATUS)
}

function rowsOf(
  nodes: readonly SpanNode[],
  scope: ExecutionScope,
  flags: Set<string>,
): readonly ExecutionSpan[] {
  const spans: ExecutionSpan[] = []
  const rowOf = new Array<number>(nodes.length).fill(-1)
  for (const index of scope.order) {
    const node = nodes[index]
    if (node === undefined) continue
    const { record } = node
    rowOf[index] = spans.length
    const parent = nodes[scope.parent[index] ?? -1]
    const earliestNs = (parent?.startNs ?? scope.startNs) - SKEW_TOLERANCE_NS
    if (node.startNs < earliestNs) flags.add('clock_skew')
    spans.push({
      spanId: record.spanId,
      traceId: record.traceId,
      parentSpanId: parent?.record.spanId,
      parentRow: rowOf[scope.parent[index] ?? -1] ?? -1,
      name: record.name,
      kind: record.kind,
      role: node.role,
      startNs: Math.max(0, node.startNs - scope.startNs),
      endNs: Math.max(0, node.endNs - scope.startNs),
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
export function stepsOf(
  spans: readonly ExecutionSpan[],
  executionId: string,
  flags: Set<string>,
): readonly StepRun[] {
  const attemptCounts = attemptCountsOf(spans)
  const runs: StepRun[] = []
  for (let row = 0; row < spans.length; row++) {
    // A row below the length.
    const span = spans[row] as ExecutionSpan
    if (span.role !== 'step' || isGuest(span, executionId)) continue
    const run = stepRun(span, attemptCounts?.get(row) ?? 0, flags)
    if (run !== undefined) runs.push(run)
  }
  return isInOrder(runs) ? runs : runs.sort(compareRuns)
}

/** A step of a sub-flow. */
function isGuest({ attributes }: ExecutionSpan, executionId: string): boolean {
  const named = executionIdOf(attributes)
  return named !== undefined && named !== executionId
}

/** By the row of their step; absent in most executions, which have none. */
function attemptCountsOf(spans: readonly ExecutionSpan[]): ReadonlyMap<number, number> | undefined {
  let counts: Map<number, number> | undefined
  for (const { role, parentRow } of spans) {
    if (role !== 'attempt') continue
    counts ??= new Map()
    counts.set(parentRow, (counts.get(parentRow) ?? 0) + 1)
  }
  return counts
}

function isInOrder(runs: readonly StepRun[]): boolean {
  for (let index = 1; index < runs.length; index++) {
    // Both are below the length.
    if (compareRuns(runs[index - 1] as StepRun, runs[index] as StepRun) > 0) return false
  }
  return true
}

/** In the order of an execution's runs; over several traces two may be equal. */
export function compareRuns(a: RunTimes, b: RunTimes): number {
  if (a.startNs !== b.startNs) return a.startNs - b.startNs
  if (a.endNs !== b.endNs) return a.endNs - b.endNs
  if (a.spanId === b.spanId) return 0
  return a.spanId < b.spanId ? -1 : 1
}

type RunTimes = Pick<StepRun, 'startNs' | 'endNs' | 'spanId'>

export type Identity = Pick<
  Execution,
  | 'flowId'
  | 'flowVersion'
  | 'serviceVersion'
  | 'node'
  | 'parentExecutionId'
  | 'triggerType'
  | 'weight'
  | 'status'
  | 'errorType'
>

/** The first segment says how it began, the last how it ended; without them any own span says what it can. */
export function identityOf({
  started,
  inOrder,
  lastSegment,
  first,
}: {
  readonly started: StartedExecution | undefined
  /** The segments, then the own spans in the order of the rows. */
  readonly inOrder: readonly SpanRecord[]
  readonly lastSegment: SpanRecord | undefined
  readonly first: SpanRecord | undefined
}): Identity {
  return {
    flowId: firstText(inOrder, ATTR_QFLOW_FLOW_ID) ?? started?.flowId ?? first?.name ?? 'unknown',
    flowVersion: firstText(inOrder, ATTR_QFLOW_FLOW_VERSION) ?? started?.flowVersion,
    serviceVersion: resourceText(inOrder, ['service.version']),
    node: resourceText(inOrder, ['host.name', 'service.instance.id']),
    parentExecutionId: firstText(inOrder, ATTR_QFLOW_EXECUTION_PARENT_ID),
    triggerType: firstText(inOrder, ATTR_QFLOW_EXECUTION_TRIGGER_TYPE),
    weight: sampledWeight(inOrder[0]?.traceState ?? ''),
    status: lastSegment && statusOf(lastSegment),
    errorType: lastSegment && knownText(lastSegment.attributes, ATTR_ERROR_TYPE),
  }
}

function ownOf(members: readonly SpanNode[]): readonly SpanRecord[] {
  const records: SpanRecord[] = []
  for (const { claim, record } of members) if (claim === 'own') records.push(record)
  return records
}

/** By segment number, then end. */
function segmentsInOrder(members: readonly SpanNode[]): readonly SpanRecord[] {
  const segments: SpanRecord[] = []
  for (const node of members) if (isSegment(node)) segments.push(node.record)
  if (segments.length < 2) return segments
  return segments.sort(
    (a, b) => segmentNumber(a) - segmentNumber(b) || Number(a.endUnixNs - b.endUnixNs),
  )
}

function segmentNumber({ attributes }: SpanRecord): number {
  return knownNumber(attributes, ATTR_QFLOW_EXECUTION_SEGMENT) ?? 0
}

function firstText(records: readonly SpanRecord[], key: KnownKey): string | undefined {
  for (const { attributes } of records) {
    const text = knownText(attributes, key)
    if (text !== undefined) return text
  }
  return undefined
}

/** The first of the keys that the first resource with any of them has. Spans mostly share theirs: each is asked once. */
function resourceText(records: readonly SpanRecord[], keys: readonly string[]): string | undefined {
  let asked: Resource | undefined
  for (const { resource } of records) {
    if (resource === asked) continue
    asked = resource
    for (const key of keys) {
      const text = textOf(resource.attributes, key)
      if (text !== undefined) return text
    }
  }
  return undefined
}

/** The first span's trace first. */
function traceIdsOf(input: ExecutionInput, members: readonly SpanNode[]): readonly string[] {
  const first = members[0]?.record.traceId ?? input.started?.traceId
  if (first === undefined) return []
  let others: Set<string> | undefined
  for (const { record } of members) {
    if (record.traceId === first) continue
    others ??= new Set()
    others.add(record.traceId)
  }
  return others === undefined ? [first] : [first, ...others]
}
