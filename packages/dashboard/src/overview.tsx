import type { FlowReport, Plain, Report } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { askExecutions, askReport } from './api.ts'
import { EmptyState } from './empty-state.tsx'
import { useFeed } from './feed.ts'
import { FeedView } from './feed-view.tsx'
import { Findings } from './findings.tsx'
import { FlowTable } from './flow-table.tsx'
import { countOfText } from './format.ts'
import { LossLine } from './losses.tsx'
import { NewestExecutions } from './newest-executions.tsx'

/** A screenful; each flow's page has more of its own. */
const newestCount = 25

/** What is wrong, which flows there are, what runs just now. */
export function Overview(): VNode {
  const report = useFeed(askReport)
  return (
    <FeedView feed={report} missing={<EmptyState acceptedSpanCount={0} />}>
      {(value) => <OverviewOf report={value} />}
    </FeedView>
  )
}

function OverviewOf({ report }: { report: Plain<Report> }): VNode {
  const executions = useFeed(askExecutions({ limit: newestCount }))
  const hasExecutions = executions.kind === 'ready' && executions.value.length > 0
  if (report.flows.length === 0 && report.findings.length === 0 && !hasExecutions) {
    return <EmptyState acceptedSpanCount={report.losses.acceptedSpanCount} />
  }
  const openCount = report.findings.filter(isOpenFinding).length
  return (
    <>
      <section aria-labelledby="findings">
        <h1 id="findings">
          {openCount === 0 ? 'No open finding' : countOfText(openCount, 'open finding')}
        </h1>
        <Findings findings={report.findings} none={<Watching flows={report.flows} />} />
      </section>
      <section aria-labelledby="flows">
        <h2 id="flows">Flows</h2>
        <FlowTable flows={report.flows} />
      </section>
      <NewestExecutions feed={executions} withFlow />
      <LossLine losses={report.losses} />
    </>
  )
}

function isOpenFinding({ kind, state }: Plain<Report>['findings'][number]): boolean {
  return kind !== 'recommendation' && kind !== 'anomaly' && state === 'open'
}

/** Without findings: whether that means anything yet. */
function Watching({ flows }: { flows: readonly Plain<FlowReport>[] }): VNode {
  const learningCount = flows.filter(({ state }) => state === 'learning').length
  if (learningCount === 0) return <p>{countOfText(flows.length, 'flow')} watched.</p>
  return (
    <p data-state="learning">
      {learningCount === flows.length
        ? 'The flows are still being learned: changes are not judged yet.'
        : `${learningCount} of ${flows.length} flows are still being learned: their changes are not judged yet.`}
    </p>
  )
}
