import type { FlowReport, Plain, VariantReport } from '@qflow-otel/analyzer'
import { EMPTY_LINE, type Line, piece } from '../text/line.ts'
import { count, duration, estimate } from '../text/quantity.ts'
import { table } from '../text/table.ts'
import type { Layout } from './layout.ts'
import { placeName } from './place-name.ts'

/** More branches than a page can set side by side; `--json` has all. */
const MAX_ROWS = 6

/** Which branches were taken, how often, and what each took; a flow that always runs the same steps has no table. */
export function variantTable(
  { variants }: Pick<Plain<FlowReport>, 'variants'>,
  layout: Layout,
): readonly Line[] {
  if (variants.length < 2) return []
  const rest = variants.length - MAX_ROWS
  return [
    EMPTY_LINE,
    ...table({
      columns: [
        { align: 'left', isFlexible: true },
        { align: 'right' },
        { align: 'right' },
        { align: 'right' },
        { align: 'left', isFlexible: true },
      ],
      rows: [HEADER, ...variants.slice(0, MAX_ROWS).map(row)],
      width: layout.width,
      indent: 0,
    }),
    ...(rest > 0 ? [[piece(`  ${count(rest)} more variants, less frequent`, 'faint')]] : []),
  ]
}

const HEADER: readonly Line[] = [
  [piece('Variants', 'strong')],
  ...['runs', 'share', 'p50', 'mostly'].map((title) => [piece(title, 'faint')]),
]

function row(variant: Plain<VariantReport>): readonly Line[] {
  const { executionCount, share, durationMs, criticalPath } = variant
  const [largest] = criticalPath
  return [
    [piece('  '), piece(variantName(variant))],
    [piece(count(executionCount))],
    [piece(estimate(share), 'faint')],
    [durationMs.p50 === undefined ? piece('?', 'faint') : piece(duration(durationMs.p50.value))],
    [piece(largest === undefined ? '' : placeName(largest))],
  ]
}

/** By the steps that tell it from the others; what all of them run says nothing. */
function variantName({ steps, distinct }: Plain<VariantReport>): string {
  if (steps === undefined) return 'all others'
  if (distinct.length === 0) return 'only what all run'
  return distinct.map(({ stepId, isFailed }) => `${stepId}${isFailed ? ' failed' : ''}`).join(', ')
}
