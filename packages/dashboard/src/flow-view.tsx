import type { FlowReport, Plain, Report } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { askExecutions, askReport } from './api.ts'
import { Deployments } from './deployments.tsx'
import { useFeed } from './feed.ts'
import { FeedView } from './feed-view.tsx'
import { Findings } from './findings.tsx'
import { FlowState } from './flow-table.tsx'
import { countOfText, countText, percentText } from './format.ts'
import { Many } from './many.tsx'
import { NewestExecutions } from './newest-executions.tsx'
import { Pair } from './pair.tsx'
import { Quantile } from './quantile.tsx'
import { type ShareRow, ShareTable } from './share-table.tsx'
import { SpanText } from './span-text.tsx'
import { StepTable } from './step-table.tsx'
import { Why } from './why.tsx'

/** The flow's own page has room for more than the overview. */
const newestCount = 50

/** One flow: what is wrong with it, where its time goes, its steps and newest executions. */
export function FlowView({ flowId }: { flowId: string }): VNode {
  const feed = useFeed(askReport)
  return (
    <>
      <p class="crumb">
        <a href="#/">Overview</a> / flow
      </p>
      <h1>
        <SpanText text={flowId} />
      </h1>
      <FeedView feed={feed} missing={<UnknownFlow />}>
        {(report) => {
          const flow = report.flows.find((candidate) => candidate.flowId === flowId)
          return flow === undefined ? <UnknownFlow /> : <FlowOf flow={flow} report={report} />
        }}
      </FeedView>
    </>
  )
}

function UnknownFlow(): VNode {
  return <p>The collector knows no flow of this name: none of its executions was closed yet.</p>
}

function FlowOf({ flow, report }: { flow: Plain<FlowReport>; report: Plain<Report> }): VNode {
  const { flowId } = flow
  const executions = useFeed(askExecutions({ flowId, limit: newestCount }))
  const findings = report.findings.filter(
    ({ place }) => place.flowId === flowId && place.process === undefined,
  )
  return (
    <>
      <FlowFigures flow={flow} />
      <Why about={{ flowId }} />
      <section aria-labelledby="findings">
        <h2 id="findings">Findings</h2>
        <Findings findings={findings} none={<p class="quiet">No open finding.</p>} />
      </section>
      <Deployments flow={flow} />
      <section aria-labelledby="path">
        <h2 id="path">Critical path</h2>
        {flow.criticalPath.length === 0 ? (
          <p class="quiet">No path is known yet.</p>
        ) : (
          <ShareTable rows={flow.criticalPath.map(shareRow)} caption="Mean time per execution" />
        )}
      </section>
      <Many flow={flow} pools={report.pools} />
      <section aria-labelledby="steps">
        <h2 id="steps">Steps</h2>
        <StepTable steps={flow.steps} />
      </section>
      <NewestExecutions feed={executions} withFlow={false} />
    </>
  )
}

function FlowFigures({ flow }: { flow: Plain<FlowReport> }): VNode {
  const { durationMs, executionCount, failedCount, versions, concurrency } = flow
  return (
    <dl class="figures headline-figures">
      <Pair name="state">
        <FlowState flow={flow} />
      </Pair>
      {concurrency !== undefined && (
        <Pair name="open at once">
          {concurrency.meanOpenCount.toPrecision(2)}
          <span class="interval">at most {countText(concurrency.maxOpenCount)}</span>
        </Pair>
      )}
      <Pair name="executions">
        {countText(executionCount)}
        {failedCount > 0 && <span class="bad"> {countText(failedCount)} failed</span>}
      </Pair>
      {(['p50', 'p95', 'p99'] as const).map((name) => (
        <Pair key={name} name={name}>
          <Quantile estimate={durationMs[name]} />
        </Pair>
      ))}
      {versions.length > 0 && (
        <Pair name={versions.length === 1 ? 'version' : countOfText(versions.length, 'version')}>
          <SpanText text={versions.join(', ')} maxLength={60} />
        </Pair>
      )}
    </dl>
  )
}

function shareRow(share: Plain<FlowReport>['criticalPath'][number]): ShareRow {
  const { value, low, high } = share.share
  return {
    kind: share.phase ?? 'other',
    stepId: share.stepId,
    spanName: share.spanName,
    ms: share.meanMs,
    ratio: value,
    note: (
      <span class="interval" title="95 % interval">
        {percentText(low)} … {percentText(high)}
      </span>
    ),
  }
}
