import type { CriticalPathShare, Plain } from '@qflow-otel/analyzer'
import { EMPTY_LINE, type Line, piece } from '../text/line.ts'
import { duration, estimate, percent } from '../text/quantity.ts'
import { table } from '../text/table.ts'
import { wrapped } from '../text/wrapped.ts'
import type { Layout } from './layout.ts'
import { phaseName, placeName } from './place-name.ts'

/** Rows worth reading; what is left is one summed row. */
const MAX_ROWS = 8
/** Shares below are shown as `<0.1 %`: nothing to act on, and often only rounding. */
const MIN_ROW_RATIO = 0.001
const BAR_WIDTH = 16

/** Where an execution waits, largest share first. The shares are of the mean duration and sum to it. */
export function criticalPathTable(
  shares: readonly Plain<CriticalPathShare>[],
  layout: Layout,
): readonly Line[] {
  const sorted = shares.filter(({ meanMs }) => meanMs > 0).sort((a, b) => b.meanMs - a.meanMs)
  if (sorted.length === 0) return []
  const large = sorted.filter(({ share }) => share.value >= MIN_ROW_RATIO).slice(0, MAX_ROWS)
  const rest = sorted.slice(large.length)
  const rows = large.map((share) => row(share))
  return [
    EMPTY_LINE,
    [piece('Critical path', 'strong'), piece('  mean time per execution', 'faint')],
    ...table({
      columns: [
        { align: 'left', isFlexible: true },
        { align: 'right' },
        { align: 'right' },
        { align: 'left' },
      ],
      rows: [...rows, ...restRows(rest)],
      width: layout.width,
      indent: 2,
    }),
    ...phaseLines(sorted, layout),
  ]
}

/** The same time once more, summed by phase over all steps. */
function phaseLines(
  shares: readonly Plain<CriticalPathShare>[],
  { width }: Layout,
): readonly Line[] {
  const byPhase = new Map<string, { meanMs: number; ratio: number }>()
  for (const { phase, stepId, meanMs, share } of shares) {
    const name = phase === undefined ? (stepId === undefined ? 'between steps' : 'no phase') : phase
    const sum = byPhase.get(name) ?? { meanMs: 0, ratio: 0 }
    byPhase.set(name, { meanMs: sum.meanMs + meanMs, ratio: sum.ratio + share.value })
  }
  const parts = [...byPhase]
    .filter(([, { ratio }]) => ratio >= MIN_ROW_RATIO)
    .sort(([, a], [, b]) => b.meanMs - a.meanMs)
    .map(
      ([name, { meanMs, ratio }]) => `${phaseName(name)} ${duration(meanMs)} (${percent(ratio)})`,
    )
  const mark = [piece('  phases', 'faint')]
  return wrapped({ text: parts.join(', '), width, indent: 10, mark, tone: 'faint' })
}

function row(share: Plain<CriticalPathShare>): readonly Line[] {
  return [
    [piece(placeName(share))],
    [piece(duration(share.meanMs))],
    [piece(estimate(share.share), 'faint')],
    [piece(bar(share.share.value), 'accent')],
  ]
}

function restRows(rest: readonly Plain<CriticalPathShare>[]): readonly (readonly Line[])[] {
  const meanMs = rest.reduce((sum, share) => sum + share.meanMs, 0)
  const ratio = rest.reduce((sum, { share }) => sum + share.value, 0)
  if (ratio < MIN_ROW_RATIO) return []
  return [
    [
      [piece(`${rest.length} more`, 'faint')],
      [piece(duration(meanMs), 'faint')],
      [piece(percent(ratio), 'faint')],
      [piece(bar(ratio), 'faint')],
    ],
  ]
}

/** At least one block for what is there, never more than the width. */
function bar(ratio: number): string {
  const blocks = Math.round(Math.min(1, Math.max(0, ratio)) * BAR_WIDTH)
  return '█'.repeat(Math.max(1, blocks))
}
