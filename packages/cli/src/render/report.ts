import type { Losses, Plain, Report } from '@qflow-otel/analyzer'
import { EMPTY_LINE, type Line, piece } from '../text/line.ts'
import { count, counted } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import { flowSection } from './flow.ts'
import type { Layout } from './layout.ts'

/** Everything the analyzer has to say, flow by flow, and what it could not use. */
export function reportLines(report: Plain<Report>, layout: Layout): readonly Line[] {
  const flows = report.flows.flatMap((flow) =>
    flowSection(
      flow,
      report.findings.filter(
        ({ tenant, place }) => tenant === flow.tenant && place.flowId === flow.flowId,
      ),
      layout,
    ),
  )
  return [...flows, ...lossLines(report.losses, layout)]
}

/** No span disappears without a word. */
function lossLines(losses: Plain<Losses>, { width }: Layout): readonly Line[] {
  const dropped = Object.entries(losses.droppedSpans).filter(([, lost]) => lost > 0)
  if (dropped.length === 0) return []
  const parts = dropped.map(([reason, lost]) => `${count(lost)} ${reason.replaceAll('_', ' ')}`)
  const accepted = counted(losses.acceptedSpanCount, 'span')
  return [
    ...wrapped({
      text: `${accepted} used, not used: ${parts.join(', ')}`,
      width,
      indent: 2,
      mark: [piece('! ', 'warn')],
    }),
    EMPTY_LINE,
  ]
}
