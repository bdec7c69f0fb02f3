import type { ExecutionComparison, Plain } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { Absent } from './absent.tsx'
import { CopyButton } from './copy-button.tsx'
import { Status } from './execution-table.tsx'
import { countOfText, countText, durationText, percentText } from './format.ts'
import { ExecutionLink, FlowLink } from './links.tsx'
import { Pair } from './pair.tsx'
import { SpanText } from './span-text.tsx'
import { Time } from './time.tsx'
import type { ExecutionAnswer } from './wire.ts'

/** Identity and key figures of an execution. */
export function ExecutionHeader({ report }: { report: ExecutionAnswer }): VNode {
  const { execution } = report
  return (
    <header class="execution-header">
      <p class="crumb">
        <a href="#/">Overview</a> / <FlowLink flowId={execution.flowId} /> / execution
      </p>
      <h1 class="id">
        <SpanText text={execution.executionId} />
      </h1>
      <Figures report={report} />
      <TraceIds traceIds={execution.traceIds} />
      {execution.flags.length > 0 && (
        <p class="problem">
          Not as it should be: <SpanText text={execution.flags.join(', ')} maxLength={200} />
        </p>
      )}
      {execution.closeReason !== undefined && execution.closeReason !== 'root_ended' && (
        <p class="problem">Closed without its end: {execution.closeReason}.</p>
      )}
    </header>
  )
}

function Figures({ report }: { report: ExecutionAnswer }): VNode {
  const { execution, comparison } = report
  const isRunning = execution.closeReason === undefined
  const hasPause = execution.activeNs < execution.durationNs
  return (
    <dl class="figures headline-figures">
      <Pair name="status">
        <Status status={execution.status} isRunning={isRunning} />
        {execution.errorType !== undefined && (
          <span class="bad">
            {' '}
            <SpanText text={execution.errorType} maxLength={60} />
          </span>
        )}
      </Pair>
      <Pair name={isRunning ? 'duration so far' : 'duration'}>
        {durationText(execution.durationNs / 1e6)}
      </Pair>
      {hasPause && <Pair name="without pauses">{durationText(execution.activeNs / 1e6)}</Pair>}
      <Pair name="against its flow">
        <Comparison comparison={comparison} isRunning={isRunning} />
      </Pair>
      <Pair name="started">
        <Time unixNs={execution.startUnixNs} />
      </Pair>
      <Pair name="spans">{countText(execution.spanCount)}</Pair>
      {execution.flowVersion !== undefined && (
        <Pair name="flow version">
          <SpanText text={execution.flowVersion} maxLength={40} />
        </Pair>
      )}
      {execution.triggerType !== undefined && (
        <Pair name="trigger">
          <SpanText text={execution.triggerType} maxLength={40} />
        </Pair>
      )}
      {execution.parentExecutionId !== undefined && (
        <Pair name="parent">
          <ExecutionLink executionId={execution.parentExecutionId} maxLength={24} />
        </Pair>
      )}
    </dl>
  )
}

function Comparison({
  comparison,
  isRunning,
}: {
  comparison: Plain<ExecutionComparison> | undefined
  isRunning: boolean
}): VNode {
  if (comparison === undefined) {
    return <Absent because={isRunning ? 'it has not ended' : 'the flow is still being learned'} />
  }
  const { percentileRank, medianMs, n } = comparison
  return (
    <>
      slower than {percentText(percentileRank)}
      <span class="interval">
        median {durationText(medianMs)} · n {countText(n)}
      </span>
    </>
  )
}

/** An execution may run over several traces; the first few are enough to look it up elsewhere. */
const maxTraceIds = 3

function TraceIds({ traceIds }: { traceIds: readonly string[] }): VNode {
  return (
    <p class="trace-ids small">
      {traceIds.slice(0, maxTraceIds).map((traceId) => (
        <span key={traceId}>
          <span class="muted">trace </span>
          <code>
            <SpanText text={traceId} maxLength={40} />
          </code>{' '}
          <CopyButton text={traceId} what={`trace id ${traceId.slice(0, 8)}`} />
        </span>
      ))}
      {traceIds.length > maxTraceIds && (
        <span class="muted">{countOfText(traceIds.length - maxTraceIds, 'more trace')}</span>
      )}
    </p>
  )
}
