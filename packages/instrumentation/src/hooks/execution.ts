import { type Context, SpanKind, trace } from '@opentelemetry/api'
import { EVENT_QFLOW_EXECUTION_STARTED } from '@qflow-otel/semconv'
import { nowNs } from '../clock.ts'
import { handOver } from '../context/owned-context.ts'
import type { FlowFacts } from '../flow-catalog.ts'
import type { Lineage } from '../lineage.ts'
import type { Call, Enter } from '../patching/wrap.ts'
import { findState, isObject, type StateSurface, stringOf } from '../qflow-surface.ts'
import { FlowRecord, type FlowStart } from '../records/flow-record.ts'
import { ignored, type Owner, ownerOf } from '../records/owner.ts'
import type { Telemetry } from '../telemetry.ts'
import { type Origin, originOf } from './origin.ts'
import type { UnclaimedStarts } from './unclaimed-starts.ts'

/** `startExecution`: where an execution begins for its caller. Its span ends with `executeFlow`, long after the caller went on. */
export function startHook(telemetry: Telemetry, unclaimed: UnclaimedStarts): Enter {
  return (engine, [flowId, startContext]) => {
    telemetry.carrier.refresh()
    telemetry.metrics.refresh()
    const active = telemetry.carrier.active()
    const facts = telemetry.flows.factsOf(engine, flowId)
    const triggerType = isObject(startContext) ? stringOf(startContext['triggerType']) : undefined
    // Whether the span around a timer is over decides where its execution belongs.
    if (triggerType === 'schedule') telemetry.backlog.flush()
    const origin = originOf(active, startContext, triggerType, telemetry.settings.boundaryMode)
    if (isLeftOut(facts, origin, telemetry)) return ignoredCall(active)
    const startNs = nowNs()
    const record = openRecord({
      telemetry,
      engine,
      facts,
      startNs,
      parent: origin.parent,
      links: origin.links,
      kind: kindOf(triggerType),
      triggerType,
      parentExecutionId: executionIdOf(ownerOf(origin.parent)),
      startContext,
    })
    if (record === undefined) return undefined
    return {
      context: record.context,
      succeed: (executionId) => unclaimed.settle(record, executionId),
      fail: (error) => record.reject(error),
    }
  }
}

/** `executeFlow`: the background run. The first claims the span its start opened, each later one is a segment of its own. */
export function runHook(telemetry: Telemetry, unclaimed: UnclaimedStarts): Enter {
  return (engine, [executionId]) => {
    if (typeof executionId !== 'string') return undefined
    const active = telemetry.carrier.active()
    const owner = ownerOf(active)
    const state = findState(engine, executionId)
    const lineage = telemetry.lineages.of(executionId, state)
    // Another execution that is resumed from inside an ignored one is not ignored.
    if (owner?.kind === 'ignored' && lineage.segmentCount === 0) return undefined
    const started = claim(owner, lineage, unclaimed, executionId)
    if (started) {
      started.begin(executionId, lineage)
      return callOf(started, owner === started ? undefined : started.context)
    }
    return resume(telemetry, { engine, executionId, state, lineage, active })
  }
}

/** A start waiting for its run, if this is that run: an execution that had a segment already is being resumed instead. */
function claim(
  owner: Owner | undefined,
  lineage: Lineage,
  unclaimed: UnclaimedStarts,
  executionId: string,
): FlowRecord | undefined {
  if (lineage.segmentCount > 0) return undefined
  if (owner?.kind === 'flow' && owner.state === 'starting') return owner
  return unclaimed.take(executionId)
}

interface Resumption {
  readonly engine: unknown
  readonly executionId: string
  readonly state: StateSurface | undefined
  readonly lineage: Lineage
  readonly active: Context
}

function resume(telemetry: Telemetry, resumption: Resumption): Call | undefined {
  const { engine, executionId, state, lineage, active } = resumption
  telemetry.carrier.refresh()
  telemetry.metrics.refresh()
  // The segment before may have begun in this very turn.
  telemetry.backlog.flush()
  const facts = telemetry.flows.factsOf(engine, state?.flowId)
  const before = lineage.last
  const isChild = before !== undefined && telemetry.settings.boundaryMode === 'child'
  const parent = isChild ? trace.setSpan(active, trace.wrapSpanContext(before)) : active
  const links = before ? [{ context: before }] : []
  if (isLeftOut(facts, { parent, links }, telemetry)) return ignoredCall(active)
  const record = openRecord({
    telemetry,
    engine,
    facts,
    startNs: nowNs(),
    parent,
    links,
    kind: SpanKind.INTERNAL,
    triggerType: lineage.triggerType,
    parentExecutionId: lineage.parentExecutionId,
    startContext: state?.context,
  })
  if (record === undefined) return undefined
  record.begin(executionId, lineage)
  return callOf(record, record.context)
}

function callOf(record: FlowRecord, inner: Context | undefined): Call {
  return {
    context: inner,
    succeed: () => record.succeed(),
    fail: (error) => record.fail(error),
  }
}

/** `undefined` when nobody would see anything of it. */
function openRecord(start: FlowStart): FlowRecord | undefined {
  const { telemetry } = start
  const record = new FlowRecord(start)
  const isHeard =
    telemetry.isHeard(record, start.parent) ||
    telemetry.events.isEnabled(EVENT_QFLOW_EXECUTION_STARTED)
  if (!isHeard) return undefined
  telemetry.backlog.open(record)
  return record
}

/** An execution has a parent when its caller, its sender or its own earlier segment is traced. */
function isLeftOut(facts: FlowFacts, { parent, links }: Origin, { settings }: Telemetry): boolean {
  if (facts.isIgnored || !settings.requireParent) return facts.isIgnored
  return links.length === 0 && trace.getSpan(parent) === undefined
}

/** Runs in the caller's span, but what runs in it belongs to no flow. */
function ignoredCall(active: Context): Call {
  return {
    context: handOver(active, ignored),
    succeed: () => {},
    fail: () => {},
  }
}

function kindOf(triggerType: string | undefined): SpanKind {
  if (triggerType === 'webhook') return SpanKind.SERVER
  const isConsumed = triggerType === 'event' || triggerType === 'schedule'
  return isConsumed ? SpanKind.CONSUMER : SpanKind.INTERNAL
}

/** A start from inside an execution is a sub-flow of it. */
function executionIdOf(owner: Owner | undefined): string | undefined {
  if (owner?.kind === 'step' || owner?.kind === 'flow') return owner.executionId
  return owner?.kind === 'group' ? owner.scope.executionId : undefined
}
