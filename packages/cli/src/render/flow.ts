import type { Finding, FlowReport, Plain } from '@qflow-otel/analyzer'
import { EMPTY_LINE, justified, type Line, piece } from '../text/line.ts'
import { count, counted, duration, interval } from '../text/quantity.ts'
import { table } from '../text/table.ts'
import { wrapped } from '../text/wrapped.ts'
import { executionPicture } from './answer.ts'
import { concurrencyLines } from './concurrency-lines.ts'
import { queueLines } from './contention-lines.ts'
import { criticalPathTable } from './critical-path-table.ts'
import { deploymentLines } from './deployment-lines.ts'
import type { DrawnExecution } from './drawn-execution.ts'
import { findingSections } from './finding.ts'
import type { Layout } from './layout.ts'
import { speedupLines } from './speedup-lines.ts'
import { stepTable } from './step-table.ts'
import { variantTable } from './variant-table.ts'

/** Everything about one flow: how long it takes, where the time goes, what is wrong and what to do. */
export function flowSection(
  known: {
    readonly flow: Plain<FlowReport>
    readonly findings: readonly Plain<Finding>[]
    readonly typical: DrawnExecution | undefined
  },
  layout: Layout,
): readonly Line[] {
  const { flow, findings, typical } = known
  return [
    header(flow, layout),
    [piece('─'.repeat(layout.width), 'faint')],
    ...durations(flow, layout),
    ...wrapped({ text: watchState(flow), width: layout.width, indent: 2, tone: 'faint' }),
    ...(flow.drift === undefined
      ? []
      : wrapped({ text: flow.drift.sentence, width: layout.width, indent: 2 })),
    ...concurrencyLines(flow.concurrency, layout),
    ...criticalPathTable(flow.criticalPath, layout),
    ...speedupLines(flow.curves, layout),
    ...variantTable(flow, layout),
    ...queueLines(flow.queues, layout),
    ...typicalLines(typical, layout),
    ...stepTable(flow.steps, layout),
    ...deploymentLines(flow, layout),
    ...findingSections(findings, layout),
    EMPTY_LINE,
  ]
}

/** Rows of the picture of one execution among the figures of all. */
const MAX_TYPICAL_ROWS = 12

function typicalLines(report: DrawnExecution | undefined, layout: Layout): readonly Line[] {
  if (report === undefined) return []
  const { executionId, durationNs } = report.execution
  const name = `  ${executionId}, ${duration(durationNs / 1e6)}`
  return [
    EMPTY_LINE,
    [piece('Typical execution', 'strong'), piece(name, 'faint')],
    ...executionPicture(report, layout, MAX_TYPICAL_ROWS),
  ]
}

function header(flow: Plain<FlowReport>, { width }: Layout): Line {
  const versions = flow.versions.length === 0 ? '' : `  ${versionList(flow.versions)}`
  const failed =
    flow.failedCount > 0 ? [piece(', '), piece(`${count(flow.failedCount)} failed`, 'bad')] : []
  return justified({
    left: [piece(flow.flowId, 'strong'), piece(versions, 'faint')],
    right: [piece(counted(flow.executionCount, 'execution')), ...failed],
    width,
  })
}

const MAX_VERSIONS = 3

/** The newest are what matters; a flow that is deployed daily has very many. */
function versionList(versions: readonly string[]): string {
  const shown = versions.slice(-MAX_VERSIONS)
  const more = versions.length - shown.length
  return `${shown.map((version) => `v${version}`).join(', ')}${more > 0 ? ` and ${more} older` : ''}`
}

function durations({ durationMs }: Plain<FlowReport>, layout: Layout): readonly Line[] {
  const quantiles = (['p50', 'p95', 'p99'] as const).flatMap((name) => {
    const quantile = durationMs[name]
    if (quantile === undefined) return []
    const cells = [piece(`${name} `, 'faint'), piece(duration(quantile.value), 'strong')]
    return [[...cells, piece(` ${interval(quantile)}`, 'faint')]]
  })
  if (quantiles.length === 0) return []
  const columns = quantiles.map(() => ({ align: 'left' as const, isFlexible: true }))
  return table({ columns, rows: [quantiles], width: layout.width, indent: 2 })
}

function watchState(flow: Plain<FlowReport>): string {
  if (flow.state === 'off') return 'changes are not looked for (detection is disabled)'
  if (flow.state === 'learning') {
    const known = `${count(flow.learnedCount)} of ${counted(flow.minSampleSize, 'execution')}`
    return `learning, ${known}: changes are judged after those`
  }
  return `watching for changes, at most one false alarm in ${count(flow.falseAlarmBudgetExecutions)} executions${trafficWords(flow)}`
}

/** Where executions per time are not judged and will not be. */
function trafficWords({ traffic }: Plain<FlowReport>): string {
  if (traffic === 'unknown_sampling')
    return '; how many run is not judged: they are sampled, and the trace state does not say how'
  return traffic === 'too_rare' ? '; how many run is not judged: too few a day' : ''
}
