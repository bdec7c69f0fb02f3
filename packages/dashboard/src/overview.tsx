import type { Finding, FlowReport, Plain, Report } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { Alerts } from './alerts.tsx'
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
  const others = outsideAlerts(report)
  const openCount = others.filter(isOpenFinding).length
  const openAlertCount = report.alerts.filter(({ state }) => state === 'open').length
  return (
    <>
      <section aria-labelledby="alerts">
        <h1 id="alerts">
          {openAlertCount === 0 ? 'No open alert' : countOfText(openAlertCount, 'open alert')}
        </h1>
        <Alerts report={report} none={<Watching flows={report.flows} />} />
      </section>
      {others.length > 0 && (
        <section aria-labelledby="findings">
          <h2 id="findings">
            {openCount === 0 ? 'No other open finding' : countOfText(openCount, 'open finding')}
          </h2>
          <Findings findings={others} none={undefined} />
        </section>
      )}
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

/** What no open alert tells of: standing bottlenecks, improvements, what is over. */
function outsideAlerts({ alerts, findings }: Plain<Report>): readonly Plain<Finding>[] {
  const told = new Set(
    alerts.flatMap(({ state, relatedIds }) => (state === 'open' ? relatedIds : [])),
  )
  return findings.filter(({ id }) => !told.has(id))
}

/** Without alerts: whether that means anything yet. */
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
