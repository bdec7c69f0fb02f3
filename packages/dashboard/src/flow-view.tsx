import type { FlowReport, Plain, Report } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { askExecutions, askReport } from './api.ts'
import { ExecutionTable } from './execution-table.tsx'
import { useFeed } from './feed.ts'
import { FeedView } from './feed-view.tsx'
import { Findings } from './findings.tsx'
import { FlowState } from './flow-table.tsx'
import { countOfText, countText, percentText } from './format.ts'
import { Quantile } from './quantile.tsx'
import { type ShareRow, ShareTable } from './share-table.tsx'
import { SpanText } from './span-text.tsx'
import { StepTable } from './step-table.tsx'
import { Why } from './why.tsx'

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
  const findings = report.findings.filter(({ place }) => place.flowId === flowId)
  return (
    <>
      <FlowFigures flow={flow} />
      <Why about={{ flowId }} />
      <section aria-labelledby="findings">
        <h2 id="findings">Findings</h2>
        <Findings findings={findings} none={<p class="quiet">No open finding.</p>} />
      </section>
      <section aria-labelledby="path">
        <h2 id="path">Critical path</h2>
        {flow.criticalPath.length === 0 ? (
          <p class="quiet">No path is known yet.</p>
        ) : (
          <ShareTable rows={flow.criticalPath.map(shareRow)} caption="Mean time per execution" />
        )}
      </section>
      <section aria-labelledby="steps">
        <h2 id="steps">Steps</h2>
        <StepTable steps={flow.steps} />
      </section>
      <section aria-labelledby="executions">
        <h2 id="executions">Newest executions</h2>
        <FeedView feed={executions} missing={<p class="quiet">No execution is kept.</p>}>
          {(value) => <ExecutionTable executions={value} withFlow={false} />}
        </FeedView>
      </section>
    </>
  )
}

function FlowFigures({ flow }: { flow: Plain<FlowReport> }): VNode {
  const { durationMs, executionCount, failedCount, versions } = flow
  return (
    <dl class="figures headline-figures">
      <div>
        <dt>state</dt>
        <dd>
          <FlowState flow={flow} />
        </dd>
      </div>
      <div>
        <dt>executions</dt>
        <dd>
          {countText(executionCount)}
          {failedCount > 0 && <span class="bad"> {countText(failedCount)} failed</span>}
        </dd>
      </div>
      {(['p50', 'p95', 'p99'] as const).map((name) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Quantile estimate={durationMs[name]} />
          </dd>
        </div>
      ))}
      {versions.length > 0 && (
        <div>
          <dt>{versions.length === 1 ? 'version' : countOfText(versions.length, 'version')}</dt>
          <dd>
            <SpanText text={versions.join(', ')} maxLength={60} />
          </dd>
        </div>
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
