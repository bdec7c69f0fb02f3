import { type Dimension, dimensionsOf, variantName } from '../baseline/dimensions.ts'
import type { HistoryEntry } from '../baseline/history-entry.ts'
import type { AttributeCause, NodeCause } from '../detect/cause.ts'
import type { Estimate } from '../detect/finding.ts'
import { falseDiscoveries } from '../stats/false-discovery.ts'
import { mixSplit } from '../stats/mix-split.ts'
import { type Contrast, contrast, momentsOf } from '../stats/moments.ts'
import { evidenceOf, type Shift, shareOf, valueIn } from './shift.ts'

/** Executions with one value of a dimension that changed more than the others, beyond chance. */
export interface GroupDifference {
  readonly dimension: Dimension
  readonly value: string
  /** Relative change, beyond that of the others, of the ms in which the change is seen. */
  readonly effect: Estimate
  readonly p: number
  /** Of the change of the mean, what their change accounts for. */
  readonly change: number
}

/** Fewer executions have no mean to compare. */
const MIN_GROUP_COUNT = 4
/**
 * Rate of false discoveries of one look. A change is looked at as it is found and whenever its executions have doubled, at most
 * five times up to 200: together at most 5 % name something where nothing differs.
 */
const FALSE_DISCOVERY_RATE = 0.01

/**
 * The values of nodes and inputs whose executions changed otherwise than all others.
 *
 * For each value a difference of differences: (after - before) of its executions less that of the rest, in logs, by Benjamini
 * and Yekutieli over all values, since values of one dimension depend on each other. What is alike in ms is not in logs: a
 * step that takes 50 ms more lengthens short executions by a larger factor. So the difference in ms must lie beyond chance too.
 */
export function groupDifferences(shift: Shift): readonly GroupDifference[] {
  const tests = dimensionsOf(shift.circumstances)
    .filter(({ kind }) => kind !== 'version')
    .flatMap((dimension) =>
      valuesOf(shift, dimension).flatMap((value) => differenceOf(shift, dimension, value) ?? []),
    )
  const found = falseDiscoveries(
    tests.map(({ p }) => p),
    { q: FALSE_DISCOVERY_RATE, isDependent: true },
  )
  return tests.filter(({ change }, index) => found[index] && change * shift.sign > 0)
}

/**
 * In order of their names, so that nothing depends on the order of executions. Of two values one is tested: the other
 * differs from it as it from the other.
 */
function valuesOf(shift: Shift, dimension: Dimension): string[] {
  const entries = [...shift.before, ...shift.after]
  const values = [...new Set(entries.map((entry) => dimension.groupOf(entry)))].sort()
  if (values.length !== 2) return values
  const [first = ''] = values
  const found = differenceOf(shift, dimension, first)
  return found === undefined || found.effect.value * shift.sign > 0 ? [first] : values.slice(1)
}

function differenceOf(
  shift: Shift,
  dimension: Dimension,
  value: string,
): GroupDifference | undefined {
  const isOwn = (entry: HistoryEntry) => dimension.groupOf(entry) === value
  const isOther = (entry: HistoryEntry) => !isOwn(entry)
  const groups = [
    shift.after.filter(isOwn),
    shift.before.filter(isOwn),
    shift.after.filter(isOther),
    shift.before.filter(isOther),
  ] as const
  if (groups.some((group) => group.length < MIN_GROUP_COUNT)) return undefined
  const inMs = differences(groups.map((group) => group.map((entry) => valueIn(shift, entry))))
  const inLogs = differences(
    groups.map((group) => group.map((entry) => Math.log(valueIn(shift, entry) + TINY_MS))),
  )
  // Only more of the change than elsewhere is asked for, hence half of p; another direction in ms than in logs is no difference.
  const isInMs = inMs.value * shift.sign > 0 && inMs.p / 2 <= FALSE_DISCOVERY_RATE
  const isBeyond = isInMs && inLogs.value * shift.sign > 0
  return {
    dimension,
    value,
    effect: {
      value: Math.expm1(inLogs.value),
      low: Math.expm1(inLogs.low),
      high: Math.expm1(inLogs.high),
      n: groups[0].length,
    },
    p: isBeyond ? inLogs.p / 2 : 1,
    change: rateOf(shift, dimension, value),
  }
}

/** A place without time has no logarithm. */
const TINY_MS = 1e-3

function differences(values: readonly (readonly number[])[]): Contrast {
  return contrast(
    values.map((group, at) => ({ weight: at === 0 || at === 3 ? 1 : -1, of: momentsOf(group) })),
  )
}

/** What executions with the value account for because they changed, exactly: see `mixSplit`. */
function rateOf(shift: Shift, dimension: Dimension, value: string): number {
  const { before, after } = shift
  const grouped = (entry: HistoryEntry) => ({
    group: dimension.groupOf(entry) === value ? 'own' : 'other',
    value: valueIn(shift, entry),
  })
  const { parts } = mixSplit(before.map(grouped), after.map(grouped))
  return parts.find((part) => part.value === 'own')?.rate ?? 0
}

/** As a cause: a node, or a value of an attribute. */
export function groupCause(
  shift: Shift,
  { dimension, value, effect, change }: GroupDifference,
): NodeCause | AttributeCause {
  const own = shift.after.filter((entry) => dimension.groupOf(entry) === value)
  const base = { effect, change, share: shareOf(shift, change), ...evidenceOf(shift, own) }
  if (dimension.kind === 'node')
    return { kind: 'node', node: value, words: `node ${value}`, ...base }
  const isVariant = dimension.kind === 'variant'
  const shown = isVariant ? variantName(shift.variants, value) : value
  const words = isVariant ? `executions through ${shown}` : `${dimension.key} = ${shown || 'none'}`
  return { kind: 'attribute', key: dimension.key, value: shown, words, ...base }
}
