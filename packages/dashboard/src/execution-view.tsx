import type { VNode } from 'preact'
import { askExecution } from './api.ts'
import { ExecutionHeader } from './execution-header.tsx'
import { ExecutionTimeline } from './execution-timeline.tsx'
import { useFeed } from './feed.ts'
import { FeedView } from './feed-view.tsx'
import { Findings } from './findings.tsx'
import { ShareTable } from './share-table.tsx'
import { SpanText } from './span-text.tsx'
import { Why } from './why.tsx'
import type { ExecutionAnswer } from './wire.ts'

/** A closed execution changes only by late spans and new findings, and may be large. */
const closedGapMs = 10_000
/** A running one grows with each batch of spans: exporters send one in some seconds or less. */
const runningGapMs = 1000

/** One execution: why it took as long as it did, and its waterfall. */
export function ExecutionView({ executionId }: { executionId: string }): VNode {
  const feed = useFeed(askExecution(executionId), gapMs)
  return (
    <FeedView feed={feed} missing={<UnknownExecution executionId={executionId} />}>
      {(report) => <ExecutionOf executionId={executionId} report={report} />}
    </FeedView>
  )
}

function gapMs(report: ExecutionAnswer | undefined): number {
  return report?.execution.closeReason === undefined ? runningGapMs : closedGapMs
}

function UnknownExecution({ executionId }: { executionId: string }): VNode {
  return (
    <>
      <p class="crumb">
        <a href="#/">Overview</a> / execution
      </p>
      <h1>
        <SpanText text={executionId} />
      </h1>
      <p>
        The collector keeps no such execution: it was evicted by newer ones, the collector was
        started anew since, or none of its spans has arrived.
      </p>
    </>
  )
}

function ExecutionOf({
  executionId,
  report,
}: {
  executionId: string
  report: ExecutionAnswer
}): VNode {
  const { execution, findings, path } = report
  const isRunning = execution.closeReason === undefined
  return (
    <>
      <ExecutionHeader report={report} />
      <Why about={{ executionId }} gapMs={() => (isRunning ? runningGapMs : closedGapMs)} />
      <section aria-labelledby="waterfall">
        <h2 id="waterfall">Waterfall</h2>
        <ExecutionTimeline report={report} />
      </section>
      {path.length > 0 && (
        <section aria-labelledby="shares">
          <h2 id="shares">Where the time went</h2>
          <Shares report={report} />
        </section>
      )}
      {findings.length > 0 && (
        <section aria-labelledby="findings">
          <h2 id="findings">Findings about this flow</h2>
          <Findings findings={findings} none={<p class="quiet">No open finding.</p>} />
        </section>
      )}
    </>
  )
}

function Shares({ report }: { report: ExecutionAnswer }): VNode {
  const totalNs = report.totals.reduce((sum, { ns }) => sum + ns, 0)
  const rows = report.totals.map(({ ns, phase, stepId, spanName }) => ({
    stepId,
    spanName,
    kind: phase ?? ('other' as const),
    ms: ns / 1e6,
    ratio: totalNs > 0 ? ns / totalNs : 0,
  }))
  return <ShareTable rows={rows} caption="Time on the critical path of this execution" />
}
