import { circumstanceValue } from '../baseline/circumstances.ts'
import type { Deployment } from '../baseline/deployments.ts'
import { CODE_VERSION, FLOW_VERSION } from '../baseline/facts.ts'
import type { HistoryEntry } from '../baseline/history-entry.ts'
import type { CodeVersionCause, FlowVersionCause, MarkCause } from '../detect/cause.ts'
import { autocorrelationInflation } from '../stats/median-change.ts'
import { type Contrast, contrast, momentsOf } from '../stats/moments.ts'
import {
  LIKELY_LOG_RATIO,
  logRatio,
  pulledInLogs,
  squaresBetween,
  twoLevels,
} from '../stats/two-levels.ts'
import { definitionDifference, differenceWords, isSameDefinition } from './definition-difference.ts'
import { evidenceOf, type Shift, shareOf, valueIn } from './shift.ts'
import { timeWords } from './words.ts'

export type DeploymentCause = FlowVersionCause | CodeVersionCause | MarkCause

/** Something that began at a time, and the executions that it concerns. */
interface Candidate {
  readonly unixNs: bigint
  readonly isNew: (entry: HistoryEntry) => boolean
  readonly of: Deployment | { readonly kind: 'mark'; readonly text: string }
}

/** Fewer executions on a side are no level. */
const MIN_SIDE_COUNT = 4
/** What describes the executions so much worse than the best deployment does is not named beside it. */
const MAX_BEHIND = 2

/**
 * The deployments that explain a change, the best first.
 *
 * A deployment says of each execution whether it is concerned. Two levels, one of those that are and one of the others, are
 * set against two levels in time, split where they fit best. A deployment that fits as well as a split within the 95 % set of
 * the onset explains the change; one that is rolled out node by node, or to a few, explains it better than any split in
 * time. Executions of both versions that ran at once are thereby compared with each other.
 */
export function deploymentCauses(shift: Shift): DeploymentCause[] {
  const entries = [...shift.before, ...shift.after]
  const values = pulledInLogs(
    entries.map((entry) => valueIn(shift, entry)),
    shift.before.length,
  )
  const inflation = autocorrelationInflation(shift.before.map((entry) => valueIn(shift, entry)))
  const inTime = twoLevels(values, { minCount: MIN_SIDE_COUNT, inflation })
  if (inTime === undefined) return []
  const fits = candidatesOf(shift, entries)
    .map((candidate) => {
      const isNew = (index: number) => candidate.isNew(entries[index] as HistoryEntry)
      const squares = squaresBetween(values, isNew)
      return {
        candidate,
        behind: logRatio({ squares, least: inTime.squares, n: values.length }) / inflation ** 2,
      }
    })
    .filter(({ behind }) => behind <= LIKELY_LOG_RATIO)
  const best = Math.min(...fits.map(({ behind }) => behind))
  return fits
    .filter(({ behind }) => behind <= best + MAX_BEHIND)
    .sort((a, b) => a.behind - b.behind)
    .flatMap(({ candidate }) => causeOf(shift, candidate, entries) ?? [])
}

function candidatesOf(shift: Shift, entries: readonly HistoryEntry[]): Candidate[] {
  const all: Candidate[] = [
    ...shift.deployments.map((of) => ({ of, unixNs: of.unixNs, isNew: runsVersion(shift, of) })),
    ...shift.marks.map(({ unixNs, text }) => ({
      of: { kind: 'mark' as const, text },
      unixNs,
      isNew: ({ startUnixNs }: HistoryEntry) => startUnixNs >= unixNs,
    })),
  ]
  return all.filter(({ isNew }) => {
    const count = entries.filter(isNew).length
    return Math.min(count, entries.length - count) >= MIN_SIDE_COUNT
  })
}

function runsVersion({ circumstances }: Shift, { kind, version, sequence }: Deployment) {
  const key = kind === 'flow_version' ? FLOW_VERSION : CODE_VERSION
  return (entry: HistoryEntry) =>
    entry.sequence >= sequence && circumstanceValue(circumstances, entry, key) === version
}

function causeOf(
  shift: Shift,
  { of, unixNs, isNew }: Candidate,
  entries: readonly HistoryEntry[],
): DeploymentCause | undefined {
  const own = entries.filter(isNew)
  const others = entries.filter((entry) => !isNew(entry))
  const difference = meanDifference(own, others)
  if (difference.value * shift.sign <= 0) return undefined
  const meanOther = momentsOf(others.map(({ durationMs }) => durationMs)).mean
  const changeMs = difference.value * (shift.after.filter(isNew).length / shift.after.length)
  const base = {
    unixNs,
    basis: isConcurrent(own, others, shift.sign) ? ('concurrent' as const) : ('onset' as const),
    effect: {
      value: difference.value / meanOther,
      low: difference.low / meanOther,
      high: difference.high / meanOther,
      n: own.length,
    },
    changeMs,
    share: shareOf(shift, changeMs),
    ...evidenceOf(shift, own),
  }
  if (of.kind === 'mark')
    return { ...base, kind: 'mark', text: of.text, words: `"${of.text}" at ${timeWords(unixNs)}` }
  const versions = { from: of.previous, to: of.version }
  if (of.kind === 'code_version')
    return { ...base, ...versions, kind: 'code_version', words: `code version ${of.version}` }
  return flowVersionCause(shift, { ...base, ...versions })
}

/** Nothing when the definitions are the same: the version is then a name only. */
function flowVersionCause(
  { definitions }: Shift,
  base: Omit<FlowVersionCause, 'kind' | 'difference' | 'words'>,
): FlowVersionCause | undefined {
  const from = definitions.find(({ version }) => version === base.from)
  const to = definitions.find(({ version }) => version === base.to)
  const difference = from && to && definitionDifference(from, to)
  if (difference !== undefined && isSameDefinition(difference)) return undefined
  const told = difference === undefined ? '' : ` (${differenceWords(difference)})`
  return { ...base, kind: 'flow_version', difference, words: `flow version ${base.to}${told}` }
}

/** Whether executions of both sides ran in one stretch, and differ there. */
function isConcurrent(
  own: readonly HistoryEntry[],
  others: readonly HistoryEntry[],
  sign: number,
): boolean {
  const from = own[0]?.sequence ?? 0
  const to = others.at(-1)?.sequence ?? 0
  const inStretch = ({ sequence }: HistoryEntry) => sequence >= from && sequence <= to
  const [both, rest] = [own.filter(inStretch), others.filter(inStretch)]
  if (Math.min(both.length, rest.length) < MIN_SIDE_COUNT) return false
  const { low, high } = meanDifference(both, rest)
  return sign > 0 ? low > 0 : high < 0
}

function meanDifference(own: readonly HistoryEntry[], others: readonly HistoryEntry[]): Contrast {
  return contrast([
    { weight: 1, of: momentsOf(own.map(({ durationMs }) => durationMs)) },
    { weight: -1, of: momentsOf(others.map(({ durationMs }) => durationMs)) },
  ])
}
