import type { Circumstances } from '../../baseline/circumstances.ts'
import {
  type Dimension,
  dimensionsOf,
  isFailureVariant,
  variantName,
} from '../../baseline/dimensions.ts'
import { FLOW_VERSION } from '../../baseline/facts.ts'
import type { HistoryEntry } from '../../baseline/history-entry.ts'
import type { Variants } from '../../baseline/variants.ts'
import { type MixPart, type MixSplit, mixSplit } from '../../stats/mix-split.ts'
import { studentTwoSided } from '../../stats/student-t.ts'

/** Inputs that became more or less frequent, and what that did to a mean. */
export interface MixShift {
  /** An attribute, or `variant`. */
  readonly key: string
  /** The value whose frequency accounts for most; of a variant, its steps. */
  readonly value: string
  readonly shareBefore: number
  readonly shareAfter: number
  /** Of the change of the mean, in the unit of what changed (ms, or bytes of memory), what the frequencies account for. */
  readonly mix: number
  /** What is left of it. */
  readonly rate: number
}

/**
 * What a change of level is, seen by its inputs: `mix`, a shift of frequencies and nothing else; `undecided`, one that needs more
 * executions to be told from a change; `level`, a change of level, with the shift that goes with it, if any.
 */
export type MixVerdict =
  | { readonly kind: 'mix'; readonly shift: MixShift }
  | { readonly kind: 'undecided' }
  | { readonly kind: 'level'; readonly shift: MixShift | undefined }

/** The executions of a change, and how they can be told apart. */
export interface Sides {
  readonly before: readonly HistoryEntry[]
  readonly after: readonly HistoryEntry[]
  /** What is split: where the change lies. */
  readonly valueIn: (entry: HistoryEntry) => number
  /** What a part of it must be large against to matter. */
  readonly wholeIn: (entry: HistoryEntry) => number
  readonly circumstances: Circumstances
  readonly variants: Variants
}

/** Shares that differ as much by chance once in a hundred changes, over all values of all dimensions. */
const MAX_CHANCE = 0.01
/** A shift that accounts for less of a change is not what it is about. */
const MIN_MIX_RATIO = 0.5
/** Fewer executions with values that both sides have cannot show that these did not change. */
const MIN_COMMON_COUNT = 5
/** Nobody waits for more executions. */
const PATIENCE_COUNT = 60
/** Of a shift of branches, what those may account for that a failed step led to. */
const MAX_FAILURE_RATIO = 0.25
/** A value that nearly only a new version has, and that has nearly no other, is that version's name. */
const SAME_RATIO = 0.9

/**
 * Whether frequencies of inputs alone explain a change. They do when the means at fixed frequencies (the rate part of
 * `mixSplit`) moved by less than what matters: the part of the change that is left is judged as any change is.
 */
export function judgeMix(
  all: Sides,
  { smallestRatio }: { readonly smallestRatio: number },
): MixVerdict {
  const isMeasured = (entry: HistoryEntry) => !Number.isNaN(all.valueIn(entry))
  const sides = {
    ...all,
    before: all.before.filter(isMeasured),
    after: all.after.filter(isMeasured),
  }
  const splits = inputSplits(sides)
  const [best] = splits.sort((a, b) => Math.abs(a.split.rate) - Math.abs(b.split.rate))
  if (best === undefined) return { kind: 'level', shift: undefined }
  const { split } = best
  const shift = shiftOf(best, sides.variants)
  if (Math.abs(split.mix) < MIN_MIX_RATIO * Math.abs(split.change)) return { kind: 'level', shift }
  const isPatient = sides.after.length < PATIENCE_COUNT
  const common = commonCounts(split)
  // Where every execution has a new value, nothing ever shows what like ones would take.
  if (common.before < MIN_COMMON_COUNT || common.after === 0) return { kind: 'level', shift }
  if (common.after < MIN_COMMON_COUNT)
    return isPatient ? { kind: 'undecided' } : { kind: 'level', shift }
  const sign = Math.sign(split.change)
  const { low, high } = split.rateContrast
  const [least, most] = sign > 0 ? [low, high] : [-high, -low]
  const smallest = smallestRatio * meanOf(sides.before.map(sides.wholeIn))
  if (least > smallest) return { kind: 'level', shift }
  // Whether the rest matters may stay open: then nothing is known but that the inputs shifted.
  const isSmall = most < Math.max(smallest, MIN_MIX_RATIO * Math.abs(split.change))
  return isSmall || !isPatient ? { kind: 'mix', shift } : { kind: 'undecided' }
}

/** Executions on either side with values that both sides have. */
function commonCounts({ parts }: MixSplit): { readonly before: number; readonly after: number } {
  const common = parts.filter((part) => part.countBefore > 0 && part.countAfter > 0)
  return {
    before: common.reduce((sum, part) => sum + part.countBefore, 0),
    after: common.reduce((sum, part) => sum + part.countAfter, 0),
  }
}

interface InputSplit {
  readonly dimension: Dimension
  readonly split: MixSplit
  readonly main: MixPart
}

/** The splits by inputs whose frequencies changed in the direction of the change, beyond chance. */
function inputSplits(sides: Sides): InputSplit[] {
  const { before, after, valueIn } = sides
  const inputs = dimensionsOf(sides.circumstances).filter(
    ({ kind }) => kind !== 'version' && kind !== 'node',
  )
  return inputs.flatMap((dimension) => {
    const grouped = (entry: HistoryEntry) => ({
      group: dimension.groupOf(entry),
      value: valueIn(entry),
    })
    const split = mixSplit(before.map(grouped), after.map(grouped))
    if (split.parts.length < 2 || split.mix * split.change <= 0) return []
    const main = mainPart(split)
    if (main === undefined || !isShifted(main, sides, inputs.length * split.parts.length)) return []
    return isOfInputs({ dimension, split, main }, sides) ? [{ dimension, split, main }] : []
  })
}

/** The part that accounts for most; a value that became more frequent says more than one that became rarer. */
function mainPart({ parts, change }: MixSplit): MixPart | undefined {
  const along = parts
    .filter((part) => part.mix * change > 0)
    .sort((a, b) => Math.abs(b.mix) - Math.abs(a.mix))
  const [largest] = along
  const rising = along.find(({ shareBefore, shareAfter }) => shareAfter > shareBefore)
  const isClose = rising && largest && Math.abs(rising.mix) >= MIN_MIX_RATIO * Math.abs(largest.mix)
  return isClose ? rising : largest
}

/** Two shares compared with a common one, once for each of `testCount` values. */
function isShifted(
  { shareBefore, shareAfter }: MixPart,
  { before, after }: Sides,
  testCount: number,
): boolean {
  const n = before.length + after.length
  const common = (shareBefore * before.length + shareAfter * after.length) / n
  const error = Math.sqrt(common * (1 - common) * (1 / before.length + 1 / after.length))
  return studentTwoSided((shareAfter - shareBefore) / error, n - 2) * testCount <= MAX_CHANCE
}

/**
 * Whether it is the inputs that differ. Branches taken because a step failed, or because another version of the flow has
 * other steps, are the flow's own doing; so is a value that is but a new version's name.
 */
function isOfInputs({ dimension, split, main }: InputSplit, sides: Sides): boolean {
  if (dimension.kind === 'variant' && isByFailures(split, sides.variants)) return false
  return !isVersionName(dimension, main, sides)
}

function isByFailures({ parts, mix }: MixSplit, variants: Variants): boolean {
  const failing = parts.filter(({ value }) => isFailureVariant(variants, value))
  const failingMix = failing.reduce((sum, part) => sum + part.mix, 0)
  return failingMix / mix > MAX_FAILURE_RATIO
}

/** A variant need only belong to a new version of the flow; any other value must also be all that the version has. */
function isVersionName(dimension: Dimension, main: MixPart, sides: Sides): boolean {
  const versions = dimensionsOf(sides.circumstances).filter(({ kind }) => kind === 'version')
  return versions.some((version) => {
    const isNew = newVersions(version, sides)
    const own = sides.after.filter((entry) => dimension.groupOf(entry) === main.value)
    const newOwnCount = own.filter(isNew).length
    if (own.length === 0 || newOwnCount < SAME_RATIO * own.length) return false
    if (dimension.kind === 'variant') return version.key === FLOW_VERSION
    return newOwnCount >= SAME_RATIO * sides.after.filter(isNew).length
  })
}

/** An onset that is found late leaves a few executions of a new version before it. */
const MAX_EARLY_COUNT = 5
const MAX_EARLY_RATIO = 0.05

/** Whether an execution's version was hardly there before. */
function newVersions(version: Dimension, { before }: Sides): (entry: HistoryEntry) => boolean {
  const counts = new Map<string, number>()
  for (const entry of before) {
    const value = version.groupOf(entry)
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const mostEarly = Math.max(MAX_EARLY_COUNT, MAX_EARLY_RATIO * before.length)
  return (entry) => (counts.get(version.groupOf(entry)) ?? 0) <= mostEarly
}

function shiftOf({ dimension, split, main }: InputSplit, variants: Variants): MixShift {
  const isVariant = dimension.kind === 'variant'
  return {
    key: dimension.key,
    value: isVariant ? variantName(variants, main.value) : main.value,
    shareBefore: main.shareBefore,
    shareAfter: main.shareAfter,
    mix: split.mix,
    rate: split.rate,
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
