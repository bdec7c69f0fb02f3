import type { PathPlace } from '../baseline/place.ts'
import type { VariantStep } from '../baseline/variants.ts'
import type { PoolContention } from '../detect/bottleneck/contention.ts'
import type { Estimate } from '../detect/finding.ts'
import type { Concurrency } from '../stats/concurrency.ts'
import type { QuantileSummary } from '../stats/quantile-interval.ts'
import { durationWords, percentWords, placeWords } from './words.ts'

/** What is known of a flow from many executions at once. */
export interface Many {
  readonly variants: readonly {
    readonly steps: readonly VariantStep[] | undefined
    readonly distinct: readonly VariantStep[]
    readonly share: Estimate
    readonly durationMs: QuantileSummary
  }[]
  readonly curves: readonly {
    readonly place: PathPlace
    readonly points: readonly { readonly remainingRatio: number; readonly saved: Estimate }[]
  }[]
  /** By step. */
  readonly slacks: ReadonlyMap<string, { readonly quantilesMs: QuantileSummary }>
  readonly concurrency: Concurrency | undefined
  /** The longest first, as their holders are. */
  readonly queues: readonly {
    readonly containerId: string | undefined
    readonly stepId: string
    readonly waitCount: number
    readonly waitMs: number
    readonly holders: readonly { readonly stepId: string; readonly ranMs: number }[]
  }[]
  /** Of the tenant. */
  readonly pools: readonly PoolContention[]
  /** Mean ms that a run of a step waited for pooled resources, whoever held them. */
  readonly resourceWaits: readonly { readonly stepId: string; readonly meanMs: number }[]
}

const MAX_LISTED_COUNT = 3
/** A free resource or slot takes some µs to get: no wait anybody would explain. */
const MIN_WAIT_MS = 1

/** Variants, what halving would bring, who waited for whom, and how much ran at once. */
export function manyFacts(flowId: string, many: Many): string[] {
  return [
    ...variantFacts(many),
    ...curveFacts(many),
    ...slackFacts(many),
    ...many.pools.flatMap((pool) => poolFacts(flowId, pool)),
    ...unknownWaitFacts(flowId, many),
    ...queueFacts(many),
    ...concurrencyFacts(many),
  ]
}

function variantFacts({ variants }: Many): string[] {
  if (variants.length < 2) return []
  const named = variants
    .slice(0, MAX_LISTED_COUNT)
    .map(({ steps, distinct, share, durationMs }) => {
      const what = steps === undefined ? 'took other branches' : `ran ${stepList(distinct)}`
      const median = durationMs.p50 ? ` (median ${durationWords(durationMs.p50.value)})` : ''
      return `${percentWords(share.value)} ${what}${median}`
    })
  return [`Its executions took ${variants.length} variants: ${listWords(named)}.`]
}

function stepList(distinct: readonly VariantStep[]): string {
  if (distinct.length === 0) return 'only what all run'
  const names = distinct.map(({ stepId, isFailed }) => `${stepId}${isFailed ? ' (failed)' : ''}`)
  const more = names.length - MAX_LISTED_COUNT
  return `${names.slice(0, MAX_LISTED_COUNT).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function curveFacts({ curves }: Many): string[] {
  return curves.slice(0, 1).flatMap(({ place, points }) => {
    const half = points.find(({ remainingRatio }) => remainingRatio === 0.5)?.saved
    const none = points.at(-1)?.saved
    if (half === undefined || none === undefined) return []
    const [halved, gone] = [percentWords(half.value), percentWords(none.value)]
    return [
      `To halve ${placeWords(place)} would save ${halved} (n = ${half.n}), to be rid of it ${gone} (n = ${none.n}).`,
    ]
  })
}

/** Steps that most executions do not wait for: there is no time to be won in them. */
function slackFacts({ slacks }: Many): string[] {
  return [...slacks]
    .map(([stepId, { quantilesMs }]) => ({
      stepId,
      ms: quantilesMs.p50?.value ?? 0,
      n: quantilesMs.n,
    }))
    .filter(({ ms }) => ms >= MIN_WAIT_MS)
    .sort((a, b) => b.ms - a.ms)
    .slice(0, MAX_LISTED_COUNT)
    .map(
      ({ stepId, ms, n }) =>
        `Step ${stepId} could end ${durationWords(ms)} later without delaying anything (median, n = ${n}).`,
    )
}

function poolFacts(
  flowId: string,
  { pool, waiters, holders, unexplainedMs, waitMs }: PoolContention,
) {
  const own = waiters.filter((one) => one.flowId === flowId && one.waitMs >= MIN_WAIT_MS)
  const name = pool === undefined ? 'a pool without a name' : `pool ${pool}`
  const held = holders
    .slice(0, MAX_LISTED_COUNT)
    .map((one) => `${stepOf(flowId, one)} held ${percentWords(one.share)}`)
  const evidence = holders[0]?.executionIds[0]
  const meanwhile =
    held.length === 0
      ? ''
      : ` Of what was held meanwhile, ${listWords(held)}, first of all execution ${evidence}.`
  const unknown =
    unexplainedMs >= MIN_WAIT_MS
      ? ` During ${percentWords(unexplainedMs / waitMs)} of the waits no holder was seen.`
      : ''
  return own.map(
    (one) =>
      `${capital(stepOf(flowId, one))} waited ${durationWords(one.waitMs)} in ${one.waitCount} acquisitions of ${name}.${meanwhile}${unknown}`,
  )
}

/** That a step waited its phase says; for what, only a detail span does. */
function unknownWaitFacts(flowId: string, { resourceWaits, pools }: Many): string[] {
  const known = pools.flatMap(({ waiters }) => waiters).filter((one) => one.flowId === flowId)
  return resourceWaits
    .filter(({ meanMs }) => meanMs >= MIN_WAIT_MS)
    .filter(({ stepId }) => !known.some((one) => one.stepId === stepId))
    .slice(0, MAX_LISTED_COUNT)
    .map(
      ({ stepId, meanMs }) =>
        `Step ${stepId} waited ${durationWords(meanMs)} per run for pooled resources; of which pool and who held them is not known, as no detail span tells.`,
    )
}

function queueFacts({ queues }: Many): string[] {
  return queues
    .filter(({ waitMs, waitCount }) => waitMs >= MIN_WAIT_MS * waitCount)
    .slice(0, MAX_LISTED_COUNT)
    .map(({ containerId, stepId, waitMs, waitCount, holders: [holder] }) => {
      const group = containerId === undefined ? 'its group' : `the group of ${containerId}`
      const behind =
        holder === undefined
          ? ''
          : `, ${percentWords(holder.ranMs / waitMs)} of it while ${holder.stepId} ran`
      return `Step ${stepId} waited ${durationWords(waitMs / waitCount)} for its turn in ${group}${behind} (n = ${waitCount}).`
    })
}

function concurrencyFacts({ concurrency }: Many): string[] {
  if (concurrency === undefined) return []
  const { meanOpenCount, maxOpenCount, busyRatio, windowMs, count } = concurrency
  return [
    `${meanOpenCount.toPrecision(2)} executions were open at once on average and at most ${maxOpenCount}; ` +
      `for ${percentWords(busyRatio)} of ${durationWords(windowMs)} there was one (n = ${count}).`,
  ]
}

function stepOf(
  flowId: string,
  one: { readonly flowId: string; readonly stepId: string | undefined },
): string {
  const step = one.stepId === undefined ? 'an unknown step' : `step ${one.stepId}`
  return one.flowId === flowId ? step : `${step} of ${one.flowId}`
}

function listWords(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('')
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
