import { NODE } from '../baseline/facts.ts'
import type { HistoryEntry } from '../baseline/history-entry.ts'
import type { Cause, MixCause } from '../detect/cause.ts'
import type { Change } from '../detect/change/change.ts'
import { judgeMix } from '../detect/change/mix-shift.ts'
import type { Contribution } from '../detect/finding.ts'
import { deploymentCauses } from './deployment-causes.ts'
import { groupCause, groupDifferences } from './group-causes.ts'
import { hostCause } from './host-cause.ts'
import { placeCauses } from './place-causes.ts'
import { type Background, evidenceOf, type Shift, shareOf, shiftOf, valueIn } from './shift.ts'
import { percentWords } from './words.ts'

/** Causes that a finding tells. */
const MAX_CAUSE_COUNT = 8
/** What goes with less of a change is no cause of it: it stands behind the places. */
const MAIN_RATIO = 0.5
/** Fewer executions on a side say nothing. */
const MIN_SIDE_COUNT = 8

/**
 * Why a level changed, the likeliest first: what differs between the executions and goes with half of the change or more, in
 * the order of `KIND_ORDER` where two go with as much; then the places on the path. Empty when too few executions of
 * before are still remembered.
 */
export function causesOf(
  change: Change,
  contributions: readonly Contribution[],
  background: Background,
): readonly Cause[] {
  const shift = shiftOf(change, background)
  if (Math.min(shift.before.length, shift.after.length) < MIN_SIDE_COUNT) return []
  const who = [...deploymentCauses(shift), ...machineAndGroupCauses(shift), ...mixCauses(shift)]
  const places = placeCauses(shift, contributions)
  return [
    ...who.sort(byShare).filter(isMain),
    ...places,
    ...who.filter((one) => !isMain(one)),
  ].slice(0, MAX_CAUSE_COUNT)
}

function isMain({ share }: Cause): boolean {
  return share >= MAIN_RATIO
}

/** The one further in front says more: what was done before where it shows. */
const KIND_ORDER: readonly Cause['kind'][] = [
  'flow_version',
  'code_version',
  'mark',
  'host',
  'node',
  'attribute',
  'mix',
  'place',
]
/** Shares that differ by less are as good as equal. */
const SAME_SHARE = 0.2

function byShare(a: Cause, b: Cause): number {
  const rank = ({ share }: Cause) => -Math.round(Math.min(1, share) / SAME_SHARE)
  const order = ({ kind }: Cause) => KIND_ORDER.indexOf(kind)
  return rank(a) - rank(b) || order(a) - order(b)
}

/** Nodes and attributes, of each the value that goes with most; and the host, of all or of that node. */
function machineAndGroupCauses(shift: Shift): Cause[] {
  const groups = groupDifferences(shift).map((found) => groupCause(shift, found))
  const largest = groups.filter((one) => one === largestOf(groups, one))
  const slow = largest.find((one) => one.kind === 'node')
  if (slow === undefined && largest.some(isMain)) return largest
  const host = hostCause(shift, slow?.kind === 'node' ? slow.node : undefined)
  return host === undefined ? largest : [host, ...largest]
}

/** Of one attribute the value that goes with most of the change. */
function largestOf<C extends Cause & { kind: 'node' | 'attribute' }>(
  all: readonly C[],
  one: C,
): C | undefined {
  const key = (cause: C) => (cause.kind === 'attribute' ? cause.key : NODE)
  return all
    .filter((other) => key(other) === key(one))
    .reduce<C | undefined>(
      (best, other) => (best === undefined || other.share > best.share ? other : best),
      undefined,
    )
}

/** A shift of the inputs that goes with a change of level. */
function mixCauses(shift: Shift): MixCause[] {
  const seenIn = (entry: HistoryEntry) => valueIn(shift, entry)
  const sides = { ...shift, valueIn: seenIn, wholeIn: seenIn }
  const verdict = judgeMix(sides, { smallestRatio: 0 })
  if (verdict.kind === 'undecided' || verdict.shift === undefined) return []
  const { key, value, shareBefore, shareAfter, mix } = verdict.shift
  const shares = `${percentWords(shareAfter)} of executions, was ${percentWords(shareBefore)}`
  return [
    {
      kind: 'mix',
      key,
      value,
      shareBefore,
      shareAfter,
      change: mix,
      share: shareOf(shift, mix),
      words: `the mix of inputs: ${key} = ${value || 'none'} is ${shares}`,
      ...evidenceOf(shift, shift.after),
    },
  ]
}
