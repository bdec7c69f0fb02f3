import type { Plain, SpeedupCurve } from '@qflow-otel/analyzer'
import { EMPTY_LINE, type Line, piece } from '../text/line.ts'
import { estimate, percent } from '../text/quantity.ts'
import { table } from '../text/table.ts'
import type { Layout } from './layout.ts'
import { placeName } from './place-name.ts'

/** What a place would save at some of its time: whether halving it is worth half of removing it. */
export function speedupLines(
  curves: readonly Plain<SpeedupCurve>[],
  layout: Layout,
): readonly Line[] {
  const ratios = curves[0]?.points.map(({ remainingRatio }) => remainingRatio) ?? []
  const cut = ratios.filter((ratio) => ratio < 1)
  if (cut.length === 0) return []
  const header = cut.map((ratio) => [piece(`to ${percent(ratio)}`, 'faint')])
  return [
    EMPTY_LINE,
    ...table({
      columns: [
        { align: 'left', isFlexible: true },
        ...cut.map(() => ({ align: 'right' as const })),
      ],
      rows: [
        [[piece('Speed-up', 'strong'), piece('  if its time fell', 'faint')], ...header],
        ...curves.map(row),
      ],
      width: layout.width,
      indent: 0,
    }),
  ]
}

/** The last point with its interval: it has the least doubt of being worth it, and the others lie below. */
function row({ place, points }: Plain<SpeedupCurve>): readonly Line[] {
  const cut = points.filter(({ remainingRatio }) => remainingRatio < 1)
  return [
    [piece('  '), piece(placeName(place))],
    ...cut.map(({ saved }, at) => [
      piece(at === cut.length - 1 ? estimate(saved) : percent(saved.value)),
    ]),
  ]
}
