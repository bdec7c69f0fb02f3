import { circumstanceValue } from '../baseline/circumstances.ts'
import type { Deployment } from '../baseline/deployments.ts'
import { CODE_VERSION, FLOW_VERSION } from '../baseline/facts.ts'
import type { HistoryEntry } from '../baseline/history-entry.ts'
import type { CodeVersionCause, FlowVersionCause, MarkCause } from '../detect/cause.ts'
import type { FlowDefinition } from '../otlp/span-record.ts'
import { autocorrelationInflation } from '../stats/median-change.ts'
import { type Contrast, contrast, momentsOf } from '../stats/moments.ts'
import { logRatio, pulledInLogs, squaresBetween, twoLevels } from '../stats/two-levels.ts'
import { definitionDifference, differenceWords, isSameDefinition } from './definition-difference.ts'
import { type EventCandidate, likelyEvents } from './likely-events.ts'
import { evidenceOf, type Shift, shareOf, valueIn } from './shift.ts'
import { timeWords } from './words.ts'

/** What was done, of the causes of a change. */
export type DeploymentCause = FlowVersionCause | CodeVersionCause | MarkCause

/** Something that was done at a time. */
type Done = Deployment | { readonly kind: 'mark'; readonly text: string; readonly unixNs: bigint }

/** Fewer executions on a side are no level. */
const MIN_SIDE_COUNT = 4

/**
 * The deployments that explain a change, the likeliest first.
 *
 * A deployment says of each execution whether it is concerned. Two levels, one of those that are and one of the others, have
 * a likelihood, and so have two levels in time, one before and one after any split. Half of all changes come with one of the
 * deployments, the others at any time: so each has a probability, and is named when that is 70 % or more. One that is rolled out
 * node by node, or to a few, explains a change better than any split in time: executions of both versions that ran at once are
 * thereby compared with each other.
 */
export function deploymentCauses(shift: Shift): DeploymentCause[] {
  const entries = [...shift.before, ...shift.after]
  const durations = entries.map((entry) => valueIn(shift, entry))
  const values = pulledInLogs(durations, shift.before.length)
  const inTime = twoLevels(values, MIN_SIDE_COUNT)
  if (inTime === undefined) return []
  // What is alike from one execution to the next counts for less.
  const inflation = autocorrelationInflation(durations.slice(0, shift.before.length))
  const candidates = candidatesOf(shift, entries).flatMap(({ of, isNew }) => {
    const squares = squaresBetween(values, (index) => isNew[index] ?? false)
    const fit = logRatio({ squares, least: inTime.squares, n: values.length })
    return isWorse(shift, entries, isNew) ? [{ of, isNew, behind: fit / inflation ** 2 }] : []
  })
  const splits = inTime.logRatios.map((ratio) => ratio / inflation ** 2)
  return likelyEvents(candidates, splits).flatMap(({ event, probability }) =>
    event.flatMap((candidate) => causeOf(shift, candidate, { entries, probability }) ?? []),
  )
}

/** A version twice: its own executions alone, and with those of all that came after it. */
function candidatesOf(
  shift: Shift,
  entries: readonly HistoryEntry[],
): { readonly of: Done; readonly isNew: readonly boolean[] }[] {
  const versions = shift.deployments.flatMap((of) =>
    [true, false].map((isAlone) => ({
      of,
      isNew: entries.map((entry) => runsVersion(shift, entry, { of, isAlone })),
    })),
  )
  const marks = shift.marks.map(({ unixNs, text }) => ({
    of: { kind: 'mark' as const, text, unixNs },
    isNew: entries.map(({ startUnixNs }) => startUnixNs >= unixNs),
  }))
  return [...versions, ...marks].filter(({ isNew }) => {
    const count = isNew.filter(Boolean).length
    return Math.min(count, entries.length - count) >= MIN_SIDE_COUNT
  })
}

function runsVersion(
  { circumstances, deployments }: Shift,
  entry: HistoryEntry,
  { of, isAlone }: { readonly of: Deployment; readonly isAlone: boolean },
): boolean {
  if (entry.sequence < of.sequence) return false
  const key = of.kind === 'flow_version' ? FLOW_VERSION : CODE_VERSION
  const version = circumstanceValue(circumstances, entry, key)
  if (version === of.version || isAlone) return version === of.version
  return deployments.some(
    (later) =>
      later.kind === of.kind &&
      later.version === version &&
      later.sequence > of.sequence &&
      later.sequence <= entry.sequence,
  )
}

/** Whether the concerned executions differ in the direction of the change. */
function isWorse(
  shift: Shift,
  entries: readonly HistoryEntry[],
  isNew: readonly boolean[],
): boolean {
  const own = entries.filter((_, index) => isNew[index])
  const others = entries.filter((_, index) => !isNew[index])
  return meanDifference(shift, own, others).value * shift.sign > 0
}

function causeOf(
  shift: Shift,
  { of, isNew }: EventCandidate<Done>,
  {
    entries,
    probability,
  }: { readonly entries: readonly HistoryEntry[]; readonly probability: number },
): DeploymentCause | undefined {
  const own = entries.filter((_, index) => isNew[index])
  const others = entries.filter((_, index) => !isNew[index])
  const difference = meanDifference(shift, own, others)
  const wholeIn = (entry: HistoryEntry) => (shift.isTime ? entry.durationMs : valueIn(shift, entry))
  const meanOther = momentsOf(others.map(wholeIn)).mean
  const afterCount = isNew.slice(shift.before.length).filter(Boolean).length
  const change = difference.value * (afterCount / shift.after.length)
  const base = {
    probability,
    basis: isConcurrent(shift, own, others) ? ('concurrent' as const) : ('onset' as const),
    effect: {
      value: difference.value / meanOther,
      low: difference.low / meanOther,
      high: difference.high / meanOther,
      n: own.length,
    },
    change,
    share: shareOf(shift, change),
    ...evidenceOf(shift, own),
  }
  return deploymentCause(of, base, shift.definitions)
}

/** A deployment as a cause, or nothing when it did nothing. */
export function deploymentCause(
  of: Done,
  figures: Omit<MarkCause, 'kind' | 'text' | 'words' | 'unixNs'>,
  definitions: readonly FlowDefinition[],
): DeploymentCause | undefined {
  const { unixNs } = of
  const base = { ...figures, unixNs }
  if (of.kind === 'mark')
    return { ...base, kind: 'mark', text: of.text, words: `"${of.text}" at ${timeWords(unixNs)}` }
  const versions = { from: of.previous, to: of.version }
  if (of.kind === 'code_version')
    return { ...base, ...versions, kind: 'code_version', words: `code version ${of.version}` }
  return flowVersionCause({ ...base, ...versions }, definitions)
}

/** Nothing when the definitions are the same: the version is then a name only. */
function flowVersionCause(
  base: Omit<FlowVersionCause, 'kind' | 'difference' | 'words'>,
  definitions: readonly FlowDefinition[],
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
  shift: Shift,
  own: readonly HistoryEntry[],
  others: readonly HistoryEntry[],
): boolean {
  const from = own[0]?.sequence ?? 0
  const to = others.at(-1)?.sequence ?? 0
  const inStretch = ({ sequence }: HistoryEntry) => sequence >= from && sequence <= to
  const [both, rest] = [own.filter(inStretch), others.filter(inStretch)]
  if (Math.min(both.length, rest.length) < MIN_SIDE_COUNT) return false
  const { low, high } = meanDifference(shift, both, rest)
  return shift.sign > 0 ? low > 0 : high < 0
}

/** Of the ms in which the change is seen. */
function meanDifference(
  shift: Shift,
  own: readonly HistoryEntry[],
  others: readonly HistoryEntry[],
): Contrast {
  const momentsIn = (entries: readonly HistoryEntry[]) =>
    momentsOf(entries.map((entry) => valueIn(shift, entry)))
  return contrast([
    { weight: 1, of: momentsIn(own) },
    { weight: -1, of: momentsIn(others) },
  ])
}
