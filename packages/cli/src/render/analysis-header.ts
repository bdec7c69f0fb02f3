import type { Plain, Report } from '@qflow-otel/analyzer'
import type { InputSummary } from '../input/read-input.ts'
import { EMPTY_LINE, type Line } from '../text/line.ts'
import { counted } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import type { Layout } from './layout.ts'

/** One calm line: how much was read. */
export function analysisHeader(
  report: Plain<Report>,
  inputs: readonly InputSummary[],
  { width }: Layout,
): readonly Line[] {
  const sum = (of: (input: InputSummary) => number) =>
    inputs.reduce((total, input) => total + of(input), 0)
  const executions = report.flows.reduce((total, flow) => total + flow.executionCount, 0)
  const clipped = sum((input) => Object.values(input.clipped).reduce((a, b) => a + b, 0))
  const parts = [
    counted(
      sum(({ spanCount }) => spanCount),
      'span',
    ),
    `${counted(executions, 'execution')} of ${counted(report.flows.length, 'flow')}`,
    ...(clipped > 0 ? [`${counted(clipped, 'value')} shortened to a limit`] : []),
  ]
  const from = inputs.length === 1 ? '' : ` from ${counted(inputs.length, 'file')}`
  const text = `${parts.join(', ')}${from}`
  return [...wrapped({ text, width, indent: 0, tone: 'faint' }), EMPTY_LINE]
}
