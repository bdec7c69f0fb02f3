import type { ExecutionSummary, Plain } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { ExecutionTable } from './execution-table.tsx'
import type { Feed } from './feed.ts'
import { FeedView } from './feed-view.tsx'

/** The section that lists what ran last, of one flow or of all. */
export function NewestExecutions({
  feed,
  withFlow,
}: {
  feed: Feed<readonly Plain<ExecutionSummary>[]>
  withFlow: boolean
}): VNode {
  return (
    <section aria-labelledby="executions">
      <h2 id="executions">Newest executions</h2>
      <FeedView feed={feed} missing={<p class="quiet">No execution is kept.</p>}>
        {(executions) => <ExecutionTable executions={executions} withFlow={withFlow} />}
      </FeedView>
    </section>
  )
}
