import type { FlowReport, Losses, Plain, Report } from '@qflow-otel/analyzer'
import { EMPTY_LINE, type Line, piece } from '../text/line.ts'
import { count } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import { falseAlarmLines } from './alert-list.ts'
import { poolLines } from './contention-lines.ts'
import type { DrawnExecution } from './drawn-execution.ts'
import { flowSection } from './flow.ts'
import type { Layout } from './layout.ts'
import { processLines } from './process-lines.ts'

/**
 * Everything the analyzer has to say, flow by flow, and what it could not use.
 * @param typical an execution to draw for a flow, where one is known in full.
 */
export function reportLines(
  report: Plain<Report>,
  layout: Layout,
  typical: (flow: Plain<FlowReport>) => DrawnExecution | undefined,
): readonly Line[] {
  const flows = report.flows.flatMap((flow) => {
    const findings = report.findings.filter(
      ({ tenant, place }) =>
        tenant === flow.tenant && place.flowId === flow.flowId && place.process === undefined,
    )
    return flowSection({ flow, findings, typical: typical(flow) }, layout)
  })
  const { falseAlarms } = report
  const isMeasured = falseAlarms.replayed !== undefined
  return [
    ...flows,
    ...poolLines(report.pools, layout),
    ...processLines(report, layout),
    ...(isMeasured ? [...falseAlarmLines(falseAlarms, layout), EMPTY_LINE] : []),
    ...lossLines(report.losses, layout),
    ...adviceLines(report, layout),
  ]
}

/** No span disappears without a word, and no execution goes unjudged without a reason. */
export function lossLines(losses: Plain<Losses>, { width }: Layout): readonly Line[] {
  const dropped = reasons(losses.droppedSpans)
  const droppedCount = count(
    Object.values(losses.droppedSpans).reduce((sum, lost) => sum + lost, 0),
  )
  const unjudged = reasons(losses.unjudged ?? {})
  const misplaced = reasons(losses.misplaced ?? {})
  const sentences = [
    ...(dropped === ''
      ? []
      : [`${droppedCount} of ${count(losses.acceptedSpanCount)} spans not used: ${dropped}`]),
    ...(unjudged === '' ? [] : [`executions not judged, or in part: ${unjudged}`]),
    ...(misplaced === '' ? [] : [`executions judged out of their order: ${misplaced}`]),
  ]
  const mark = [piece('! ', 'warn')]
  const lines = sentences.flatMap((text) => wrapped({ text, width, indent: 2, mark }))
  return lines.length === 0 ? [] : [...lines, EMPTY_LINE]
}

/** Where nothing is of a flow, what can be asked all the same. */
function adviceLines({ flows, losses }: Plain<Report>, { width }: Layout): readonly Line[] {
  if (flows.length > 0 || (losses.droppedSpans['no_execution'] ?? 0) === 0) return []
  return [...wrapped({ text: NO_FLOW_ADVICE, width, indent: 0 }), EMPTY_LINE]
}

const NO_FLOW_ADVICE = 'For traces without flows: qflow-otel analyze FILE… --critical-path'

function reasons(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, lost]) => lost > 0)
    .map(([reason, lost]) => `${count(lost)} ${reason.replaceAll('_', ' ')}`)
    .join(', ')
}
