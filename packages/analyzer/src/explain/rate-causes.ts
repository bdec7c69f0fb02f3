import type { RateChange } from '../detect/rate/rate-change.ts'
import type { RatePoint } from '../detect/rate/rate-points.ts'
import { shareDifference } from '../stats/rate-change.ts'
import { type DeploymentCause, deploymentCause } from './deployment-causes.ts'
import { likelyEvents } from './likely-events.ts'
import type { Background } from './shift.ts'

/** Fewer executions on a side have no share. */
const MIN_SIDE_COUNT = 4
const MAX_EVIDENCE_COUNT = 3

/**
 * The deployments with which executions began to fail, the likeliest first; see `deploymentCauses`. A failed execution is known by
 * its time, so a version counts from its first execution on. `points`: what is remembered of the rate.
 */
export function rateCauses(
  change: RateChange,
  points: readonly RatePoint[],
  { deployments, marks, definitions }: Pick<Background, 'deployments' | 'marks' | 'definitions'>,
): DeploymentCause[] {
  const done = [...deployments, ...marks.map((mark) => ({ ...mark, kind: 'mark' as const }))]
  if (change.place.metric !== 'error_rate' || done.length === 0) return []
  const onset = points.findIndex(({ position }) => position >= change.onset.position)
  const known = points.slice(Math.max(0, onset - change.before.n))
  const splits = known
    .map((_, split) => lackOf(known, (index) => index >= split))
    .slice(MIN_SIDE_COUNT, known.length - MIN_SIDE_COUNT + 1)
  const least = Math.min(...splits)
  const sign = change.effect.value > 0 ? 1 : -1
  const candidates = done.flatMap((of) => {
    const isNew = known.map(({ startUnixNs }) => startUnixNs >= of.unixNs)
    const { own, others } = sidesOf(known, isNew)
    if (Math.min(own.n, others.n) < MIN_SIDE_COUNT) return []
    if (sign * (own.count / own.n - others.count / others.n) <= 0) return []
    return [{ of, isNew, behind: lackOf(known, (index) => isNew[index] ?? false) - least }]
  })
  return likelyEvents(
    candidates,
    splits.map((lack) => lack - least),
  ).flatMap(({ event, probability }) =>
    event.flatMap(({ of, isNew }) => {
      const { own, others } = sidesOf(known, isNew)
      const difference = shareDifference(others, own)
      if (difference === undefined) return []
      const figures = { probability, basis: 'onset', ...evidenceOf(change) } as const
      const share = difference.value / change.effect.value
      const effect = { ...difference, n: own.n }
      const base = { ...figures, effect, change: difference.value, share }
      return deploymentCause(of, base, definitions) ?? []
    }),
  )
}

interface Side {
  readonly count: number
  readonly n: number
}

function sidesOf(
  points: readonly RatePoint[],
  isNew: readonly boolean[],
): { readonly own: Side; readonly others: Side } {
  const side = (asked: boolean) => {
    const values = points.filter((_, index) => isNew[index] === asked)
    return { count: values.reduce((sum, { value }) => sum + value, 0), n: values.length }
  }
  return { own: side(true), others: side(false) }
}

/** -2 log likelihood of two shares, each at its best. */
function lackOf(points: readonly RatePoint[], isNew: (index: number) => boolean): number {
  const counts = [0, 0]
  const sums = [0, 0]
  for (const [index, { value }] of points.entries()) {
    const side = Number(isNew(index))
    counts[side] = (counts[side] ?? 0) + 1
    sums[side] = (sums[side] ?? 0) + value
  }
  return counts.reduce((lack, n, side) => lack + binomialLack(sums[side] ?? 0, n), 0)
}

function binomialLack(count: number, n: number): number {
  const part = (some: number) => (some <= 0 ? 0 : some * Math.log(some / n))
  return -2 * (part(count) + part(n - count))
}

function evidenceOf({ typical }: RateChange): {
  readonly executionIds: readonly string[]
  readonly traceIds: readonly string[]
} {
  const shown = typical.slice(0, MAX_EVIDENCE_COUNT)
  return {
    executionIds: shown.map(({ executionId }) => executionId),
    traceIds: shown.map(({ traceId }) => traceId),
  }
}
