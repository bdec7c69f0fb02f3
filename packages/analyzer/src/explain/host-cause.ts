import { circumstanceValue } from '../baseline/circumstances.ts'
import { NODE } from '../baseline/facts.ts'
import { meanParts } from '../baseline/history.ts'
import type { HistoryEntry } from '../baseline/history-entry.ts'
import { OVERALL_PHASES } from '../baseline/place.ts'
import type { HostCause } from '../detect/cause.ts'
import { medianChange } from '../stats/median-change.ts'
import { contrast, momentsOf } from '../stats/moments.ts'
import { evidenceOf, type Shift, shareOf, stepsMs } from './shift.ts'

/** With fewer steps there is no "all together". */
const MIN_STEP_COUNT = 3
/** Steps that grew by this part of what the whole grew have grown along. */
const ALONG_RATIO = 1 / 3
/** Of the time before, what steps must hold that grew along. */
const MIN_ALONG_RATIO = 0.8
/** How often the rest may seem to move along by chance. */
const MAX_CHANCE = 0.01
/** Fewer executions of a node say nothing of it. */
const MIN_NODE_COUNT = 4
/** A step whose share in the change exceeds its share of the time by more is the cause itself. */
const MAX_EXCESS_RATIO = 0.3

/**
 * The machine is slower when everything on it is: steps that hold 80 % of the time grew by a third at least of what the
 * whole grew by, and none accounts for much more than its share. Absent otherwise.
 *
 * `slowNode`: one that is known to differ from the others. Else all nodes must have grown along, or one alone is it.
 */
export function hostCause(shift: Shift, slowNode: string | undefined): HostCause | undefined {
  if (!shift.isTime) return undefined
  const node = slowNode ?? onlyNodeAlong(shift)
  if (node === 'some') return undefined
  const isOwn = (entry: HistoryEntry) =>
    node === undefined || circumstanceValue(shift.circumstances, entry, NODE) === node
  const [before, after] = [shift.before.filter(isOwn), shift.after.filter(isOwn)]
  const [old, now] = [before, after].map((side) => side.map(({ durationMs }) => durationMs))
  const effect = medianChange({ before: old ?? [], after: now ?? [] })?.ratio
  const means = [meanSteps(shift, before), meanSteps(shift, after)] as const
  if (effect === undefined || !isEverywhere(means)) return undefined
  if (isOnePhase([meanPhases(shift, before), meanPhases(shift, after)])) return undefined
  // A node picked because it grew, and not known to differ: then it must show in all executions.
  const isPicked = node !== slowNode
  if (isPicked && !isEverywhere([meanSteps(shift, shift.before), meanSteps(shift, shift.after)]))
    return undefined
  if (!isBeyondChance(shift, { before, after, means })) return undefined
  const change = (totalOf(means[1]) - totalOf(means[0])) * (after.length / shift.after.length)
  return {
    kind: 'host',
    node,
    effect,
    change,
    share: shareOf(shift, change),
    words: node === undefined ? 'the host: all steps at once' : `host ${node}: all steps at once`,
    ...evidenceOf(shift, after),
  }
}

/** Absent when the executions of all nodes grew along, its name when those of one did, `some` in between. */
function onlyNodeAlong(shift: Shift): string | undefined {
  const nodeOf = (entry: HistoryEntry) => circumstanceValue(shift.circumstances, entry, NODE) ?? ''
  const nodes = [...new Set(shift.after.map(nodeOf))].sort()
  const ratios = nodes.flatMap((node) => {
    const [old, now] = [shift.before, shift.after].map((side) =>
      momentsOf(side.filter((entry) => nodeOf(entry) === node).map(({ durationMs }) => durationMs)),
    )
    const isEnough = Math.min(old?.n ?? 0, now?.n ?? 0) >= MIN_NODE_COUNT
    return isEnough && old && now ? [{ node, change: (now.mean - old.mean) / old.mean }] : []
  })
  const whole = Math.max(...ratios.map(({ change }) => change * shift.sign))
  const along = ratios.filter(({ change }) => change * shift.sign >= ALONG_RATIO * whole)
  if (along.length === ratios.length) return undefined
  return along.length === 1 ? along[0]?.node : 'some'
}

/** What the engine does around every step may grow in all of them: a cache that no longer hits is no slow machine. */
function isOnePhase([before, after]: readonly [StepMeans, StepMeans]): boolean {
  const [totalBefore, totalAfter] = [totalOf(before), totalOf(after)]
  return OVERALL_PHASES.some((phase) => {
    const [old, now] = [before.get(phase) ?? 0, after.get(phase) ?? 0]
    const shareOfChange = (now - old) / (totalAfter - totalBefore)
    return shareOfChange - old / totalBefore > MAX_EXCESS_RATIO
  })
}

function meanPhases({ history }: Shift, entries: readonly HistoryEntry[]): StepMeans {
  const means = meanParts(history, entries)
  const sums = new Map<string | undefined, number>()
  for (const [index, { phase }] of history.places.entries())
    sums.set(phase, (sums.get(phase) ?? 0) + (means[index] ?? 0))
  return sums
}

type StepMeans = ReadonlyMap<string | undefined, number>

function meanSteps({ history }: Shift, entries: readonly HistoryEntry[]): StepMeans {
  const sums = new Map<string | undefined, number>()
  for (const entry of entries)
    for (const [stepId, ms] of stepsMs(history, entry))
      sums.set(stepId, (sums.get(stepId) ?? 0) + ms / entries.length)
  return sums
}

function isEverywhere([before, after]: readonly [StepMeans, StepMeans]): boolean {
  const [totalBefore, totalAfter] = [totalOf(before), totalOf(after)]
  const whole = totalAfter - totalBefore
  const steps = [...new Set([...before.keys(), ...after.keys()])].map((stepId) => {
    const [old, now] = [before.get(stepId) ?? 0, after.get(stepId) ?? 0]
    const shareOfTime = old / totalBefore
    const shareOfChange = (now - old) / whole
    // Grown along: its own growth is a third of the whole's, that is shareOfChange / shareOfTime >= 1/3.
    return { isAlong: shareOfChange >= ALONG_RATIO * shareOfTime, shareOfTime, shareOfChange }
  })
  const along = steps.filter(({ isAlong, shareOfTime }) => isAlong && shareOfTime > 0)
  const alongTime = along.reduce((sum, { shareOfTime }) => sum + shareOfTime, 0)
  const excess = Math.max(...steps.map((step) => step.shareOfChange - step.shareOfTime))
  return (
    along.length >= MIN_STEP_COUNT && alongTime >= MIN_ALONG_RATIO && excess <= MAX_EXCESS_RATIO
  )
}

/** Without the step that accounts for most, the rest must have moved too, by more than it does by chance. */
function isBeyondChance(
  { history, sign }: Shift,
  {
    before,
    after,
    means: [old, now],
  }: {
    readonly before: readonly HistoryEntry[]
    readonly after: readonly HistoryEntry[]
    readonly means: readonly [StepMeans, StepMeans]
  },
): boolean {
  const changeMs = (stepId: string | undefined) => (now.get(stepId) ?? 0) - (old.get(stepId) ?? 0)
  const [largest] = [...now.keys()].sort((a, b) => sign * (changeMs(b) - changeMs(a)))
  const restMs = (entries: readonly HistoryEntry[]) =>
    momentsOf(
      entries.map((entry) => entry.durationMs - (stepsMs(history, entry).get(largest) ?? 0)),
    )
  const { value, p } = contrast([
    { weight: 1, of: restMs(after) },
    { weight: -1, of: restMs(before) },
  ])
  return value * sign > 0 && p / 2 <= MAX_CHANCE
}

function totalOf(means: StepMeans): number {
  return [...means.values()].reduce((sum, ms) => sum + ms, 0)
}
