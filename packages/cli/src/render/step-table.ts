import type { Plain, QuantileEstimate, StepReport } from '@qflow-otel/analyzer'
import { EMPTY_LINE, type Line, piece } from '../text/line.ts'
import { count, duration, percent } from '../text/quantity.ts'
import { table } from '../text/table.ts'
import type { Layout } from './layout.ts'
import { phaseName } from './place-name.ts'

/** A page of steps; a generated flow may have thousands. */
const MAX_ROWS = 20

/** One row a step, the one with the largest total time first, and the phase it spends most in. */
export function stepTable(steps: readonly Plain<StepReport>[], layout: Layout): readonly Line[] {
  if (steps.length === 0) return []
  const sorted = [...steps].sort((a, b) => weight(b) - weight(a))
  const rest = sorted.length - MAX_ROWS
  return [
    EMPTY_LINE,
    ...table({
      columns: [
        { align: 'left', isFlexible: true },
        { align: 'right' },
        { align: 'right' },
        { align: 'right' },
        { align: 'right' },
        { align: 'right' },
        { align: 'left', isFlexible: true },
      ],
      rows: [HEADER, ...sorted.slice(0, MAX_ROWS).map(row)],
      width: layout.width,
      indent: 0,
    }),
    ...(rest > 0 ? [[piece(`  ${count(rest)} more steps with less time`, 'faint')]] : []),
    ...missingPhases(sorted),
  ]
}

const HEADER: readonly Line[] = [
  [piece('Steps', 'strong')],
  ...['runs', 'failed', 'p50', 'p95', 'p99', 'mostly'].map((title) => [piece(title, 'faint')]),
]

function row(step: Plain<StepReport>): readonly Line[] {
  const { p50, p95, p99 } = step.durationMs
  return [
    [piece('  '), piece(step.stepId)],
    [piece(count(step.runCount))],
    [step.failedCount > 0 ? piece(count(step.failedCount), 'bad') : piece('–', 'faint')],
    ...[p50, p95, p99].map((quantile) => quantileCell(quantile)),
    [piece(largestPhase(step))],
  ]
}

function quantileCell(quantile: Plain<QuantileEstimate> | undefined): Line {
  return [quantile === undefined ? piece('?', 'faint') : piece(duration(quantile.value))]
}

function largestPhase({ phasesMs }: Plain<StepReport>): string {
  const phases = Object.entries(phasesMs).sort(([, a], [, b]) => b - a)
  const totalMs = phases.reduce((sum, [, ms]) => sum + ms, 0)
  const [largest] = phases
  if (largest === undefined || totalMs <= 0) return ''
  const [phase, ms] = largest
  return `${phaseName(phase)} ${percent(ms / totalMs)}`
}

/** A phase whose hook was not reached is not 0: it is inside the others, and that must be said. */
function missingPhases(steps: readonly Plain<StepReport>[]): readonly Line[] {
  const missing = [...new Set(steps.flatMap((step) => step.missingPhases))]
  if (missing.length === 0) return []
  return [[piece(`  not measured in some steps: ${missing.map(phaseName).join(', ')}`, 'faint')]]
}

function weight(step: Plain<StepReport>): number {
  return step.runCount * (step.durationMs.p50?.value ?? 0)
}
