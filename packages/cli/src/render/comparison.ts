import type { SampleComparison } from '@qflow-otel/analyzer'
import { EMPTY_LINE, type Line, piece } from '../text/line.ts'
import { amount, count, duration, estimate, signedPercent } from '../text/quantity.ts'
import { table } from '../text/table.ts'
import { wrapped } from '../text/wrapped.ts'
import type { Layout } from './layout.ts'

/** A comparison and what its sides are called. */
export interface DrawnComparison {
  readonly before: string
  readonly after: string
  readonly unit: 'ms' | undefined
  readonly comparisons: readonly SampleComparison[]
  readonly onlyBefore: readonly string[]
  readonly onlyAfter: readonly string[]
  readonly leftOut: Readonly<Record<string, number>>
}

/** Names in a sentence; `--json` has all. */
const MAX_NAMED = 12

/** What differs, quantile by quantile; then where there is no evidence of a difference, and what would have been seen. */
export function comparisonLines(drawn: DrawnComparison, layout: Layout): readonly Line[] {
  const { comparisons } = drawn
  const different = comparisons.filter(({ isDifferent }) => isDifferent)
  const alike = comparisons.filter(({ isDifferent }) => !isDifferent)
  const title = `${drawn.before} → ${drawn.after}`
  return [
    ...wrapped({ text: title, width: layout.width, indent: 0, tone: 'strong' }),
    EMPTY_LINE,
    ...(different.length === 0 ? [] : [...shiftTable(different, drawn, layout), EMPTY_LINE]),
    ...(alike.length === 0 ? [] : [[piece('no evidence of a difference', 'strong')]]),
    ...alikeTable(alike, layout),
    ...notes(drawn, layout),
  ]
}

function shiftTable(
  different: readonly SampleComparison[],
  { unit }: DrawnComparison,
  { width }: Layout,
): readonly Line[] {
  const value = unit === 'ms' ? duration : amount
  const head = ['place', '', 'before', 'after', 'change', 'n'].map((text) => [piece(text, 'faint')])
  const rows = different.flatMap(({ name, nBefore, nAfter, shifts }) =>
    shifts.map(({ quantileRatio, before, after, ratio, difference, isEvident }, at) => {
      const change =
        ratio === undefined
          ? `${amount(difference.low)} to ${amount(difference.high)}`
          : `${ratio.value > 0 ? '+' : ''}${estimate(ratio)}`
      return [
        [piece(at === 0 ? name : '', 'strong')],
        [piece(`p${quantileRatio * 100}`, 'faint')],
        [piece(value(before))],
        [piece(value(after))],
        [piece(isEvident ? change : 'no evidence', isEvident ? 'accent' : 'faint')],
        [piece(at === 0 ? `${count(nBefore)}, ${count(nAfter)}` : '', 'faint')],
      ]
    }),
  )
  const columns = [
    { align: 'left' as const, isFlexible: true },
    { align: 'left' as const },
    { align: 'right' as const },
    { align: 'right' as const },
    { align: 'left' as const },
    { align: 'right' as const },
  ]
  return table({ columns, rows: [head, ...rows], width, indent: 2 })
}

/** The median's change as far as it is known, and how large it had to be to be seen in four of five comparisons. */
function alikeTable(alike: readonly SampleComparison[], { width }: Layout): readonly Line[] {
  if (alike.length === 0) return []
  const head = ['place', 'median', 'seen from', 'n'].map((text) => [piece(text, 'faint')])
  const rows = alike.map(({ name, nBefore, nAfter, shifts, visibleRatio }) => {
    const median = shifts[0]?.ratio
    return [
      [piece(name)],
      [piece(median === undefined ? '' : `${median.value > 0 ? '+' : ''}${estimate(median)}`)],
      [piece(shifts.length === 0 ? 'too few values' : seenFrom(visibleRatio))],
      [piece(`${count(nBefore)}, ${count(nAfter)}`, 'faint')],
    ]
  })
  const columns = [
    { align: 'left' as const, isFlexible: true },
    { align: 'left' as const },
    { align: 'right' as const },
    { align: 'right' as const },
  ]
  return table({ columns, rows: [head, ...rows], width, indent: 2 })
}

/** A median that may be 0 has no shift in percent. */
function seenFrom(ratio: number | undefined): string {
  return ratio === undefined ? '–' : signedPercent(ratio)
}

function notes(drawn: DrawnComparison, { width }: Layout): readonly Line[] {
  const listed = (names: readonly string[]) =>
    names.length > MAX_NAMED
      ? `${names.slice(0, MAX_NAMED).join(', ')} and ${names.length - MAX_NAMED} more`
      : names.join(', ')
  const leftOut = Object.entries(drawn.leftOut).map(
    ([reason, n]) => `${count(n)} ${reason.replaceAll('_', ' ')}`,
  )
  const sentences = [
    ...(drawn.onlyBefore.length > 0 ? [`only before: ${listed(drawn.onlyBefore)}`] : []),
    ...(drawn.onlyAfter.length > 0 ? [`only after: ${listed(drawn.onlyAfter)}`] : []),
    ...(leftOut.length > 0 ? [`left out: ${leftOut.join(', ')}`] : []),
    'n: before, after. Intervals of 95 %; of all changes told at most 5 % are chance. A shift of the median as large as “seen from” is found four times in five.',
  ]
  return sentences.flatMap((text) => wrapped({ text, width, indent: 0, tone: 'faint' }))
}
