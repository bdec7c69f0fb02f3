import { ATTR_QFLOW_POOL_NAME, ATTR_QFLOW_STEP_ID } from '@qflow-otel/semconv'
import { laterOf, unixNsAt } from '../time/unix-ns.ts'
import type { Execution, ExecutionSpan } from '../trace/execution.ts'
import { textOf } from '../trace/span-role.ts'
import { type Counters, countOne } from './counters.ts'

/** Somebody waited for a resource of a pool, or held one. */
export interface PoolSpan {
  readonly flowId: string
  readonly stepId: string | undefined
  readonly executionId: string
  readonly spanId: string
  readonly startUnixNs: bigint
  readonly endUnixNs: bigint
}

/** The newest waits and holds of one pool, of whatever flow. Plain data; see `poolSpansOf` for their order. */
export interface PoolSpans {
  readonly tenant: string
  /** Absent for pools without a name: they cannot be told apart. */
  readonly pool: string | undefined
  waits: PoolSpan[]
  holds: PoolSpan[]
  /** Spans that left, by what they were: no more than the newest are kept. */
  forgottenWaitCount: number
  forgottenHoldCount: number
  /** What was held before this is not known any more. */
  forgottenUntilUnixNs: bigint
}

/** Pools that are kept apart, of all tenants. With spans of 200 bytes they weigh 40 MB at most. */
const MAX_POOL_COUNT = 128
/** A hold lasts longer than a wait is apart from another, so that more of them are needed to explain it. */
const MAX_WAIT_COUNT = 256
const MAX_HOLD_COUNT = 512

/** No row. */
const NONE = -1

/**
 * Notes the detail spans `acquire` and `hold` of an execution; without detail mode there are none, and nothing is
 * known of who held what. `pool_limit` counts spans of pools without room. O(spans), amortised.
 */
export function notePoolSpans(pools: PoolSpans[], execution: Execution, counters: Counters): void {
  let steps: readonly number[] | undefined
  for (const [row, span] of execution.spans.entries()) {
    if (span.role !== 'detail') continue
    const isWait = span.name.startsWith('acquire')
    if (!isWait && !span.name.startsWith('hold')) continue
    const own = poolOf(pools, {
      tenant: execution.tenant,
      pool: textOf(span.attributes, ATTR_QFLOW_POOL_NAME),
    })
    if (own === undefined) {
      countOne(counters, 'pool_limit')
      continue
    }
    steps ??= nearestSteps(execution)
    const noted = poolSpan(execution, span, execution.spans[steps[row] ?? NONE])
    if (isWait) noteWait(own, noted)
    else noteHold(own, noted)
  }
}

/**
 * By end, every span once; a late replacement of an execution brings its spans again. Of two forms of one span the one
 * that knows its step stays, else the later by name, so that the order of arrival does not matter.
 */
export function poolSpansOf(spans: readonly PoolSpan[]): PoolSpan[] {
  const sorted = [...spans].sort((a, b) => compareSpans(a, b) || comparePlaces(a, b))
  return sorted.filter((span, index) => {
    const next = sorted[index + 1]
    return next === undefined || compareSpans(span, next) !== 0
  })
}

function poolOf(
  pools: PoolSpans[],
  { tenant, pool }: Pick<PoolSpans, 'tenant' | 'pool'>,
): PoolSpans | undefined {
  const known = pools.find((one) => one.pool === pool && one.tenant === tenant)
  if (known !== undefined || pools.length >= MAX_POOL_COUNT) return known
  const fresh: PoolSpans = {
    tenant,
    pool,
    waits: [],
    holds: [],
    forgottenWaitCount: 0,
    forgottenHoldCount: 0,
    forgottenUntilUnixNs: 0n,
  }
  pools.push(fresh)
  return fresh
}

function noteWait(own: PoolSpans, span: PoolSpan): void {
  own.waits.push(span)
  if (own.waits.length < 2 * MAX_WAIT_COUNT) return
  const { kept, gone } = newest(own.waits, MAX_WAIT_COUNT)
  own.waits = kept
  own.forgottenWaitCount += gone.length
}

function noteHold(own: PoolSpans, span: PoolSpan): void {
  own.holds.push(span)
  if (own.holds.length < 2 * MAX_HOLD_COUNT) return
  const { kept, gone } = newest(own.holds, MAX_HOLD_COUNT)
  own.holds = kept
  own.forgottenHoldCount += gone.length
  // What comes late may be older than what was forgotten before.
  const lastEndUnixNs = gone.at(-1)?.endUnixNs ?? own.forgottenUntilUnixNs
  own.forgottenUntilUnixNs = laterOf(own.forgottenUntilUnixNs, lastEndUnixNs)
}

/** Sorting every so often keeps the newest of all that ever came, in whatever order they did. */
function newest(spans: readonly PoolSpan[], count: number) {
  const sorted = poolSpansOf(spans)
  const from = Math.max(0, sorted.length - count)
  return { kept: sorted.slice(from), gone: sorted.slice(0, from) }
}

function poolSpan(
  execution: Execution,
  span: ExecutionSpan,
  step: ExecutionSpan | undefined,
): PoolSpan {
  const { flowId, executionId, startUnixNs } = execution
  return {
    flowId,
    stepId: step && textOf(step.attributes, ATTR_QFLOW_STEP_ID),
    executionId,
    spanId: span.spanId,
    startUnixNs: unixNsAt(startUnixNs, span.startNs),
    endUnixNs: unixNsAt(startUnixNs, span.endNs),
  }
}

/** By row, that of the nearest step around it. Parents stand before their children. */
function nearestSteps({ spans }: Execution): readonly number[] {
  const steps: number[] = []
  for (const [row, { role, parentRow }] of spans.entries())
    steps.push(role === 'step' ? row : (steps[parentRow] ?? NONE))
  return steps
}

function compareSpans(a: PoolSpan, b: PoolSpan): number {
  if (a.endUnixNs !== b.endUnixNs) return a.endUnixNs < b.endUnixNs ? -1 : 1
  if (a.startUnixNs !== b.startUnixNs) return a.startUnixNs < b.startUnixNs ? -1 : 1
  const [aName, bName] = [nameOf(a), nameOf(b)]
  if (aName === bName) return 0
  return aName < bName ? -1 : 1
}

/** Only spans of the same times ask for it. */
function nameOf({ executionId, spanId, flowId, stepId }: PoolSpan): string {
  return JSON.stringify([executionId, spanId, flowId, stepId])
}

function comparePlaces(a: PoolSpan, b: PoolSpan): number {
  const [placeA, placeB] = [a, b].map(({ stepId = '', flowId }) => JSON.stringify([stepId, flowId]))
  if (placeA === undefined || placeB === undefined || placeA === placeB) return 0
  return placeA < placeB ? -1 : 1
}
