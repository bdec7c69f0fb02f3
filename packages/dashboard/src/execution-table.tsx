import type { ExecutionSummary, Plain } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { Absent } from './absent.tsx'
import { countText, durationText } from './format.ts'
import { ExecutionLink, FlowLink } from './links.tsx'
import { NumberCell, NumberHead } from './number-cell.tsx'
import { SpanText } from './span-text.tsx'
import { Time } from './time.tsx'

/** Executions, newest first, as the answer gives them. */
export function ExecutionTable({
  executions,
  withFlow,
}: {
  executions: readonly Plain<ExecutionSummary>[]
  withFlow: boolean
}): VNode {
  if (executions.length === 0) return <p class="quiet">No execution is kept.</p>
  return (
    <table class="records executions">
      <thead>
        <tr>
          <th scope="col">execution</th>
          {withFlow && <th scope="col">flow</th>}
          <th scope="col">started</th>
          <th scope="col">status</th>
          <NumberHead>duration</NumberHead>
          <NumberHead>spans</NumberHead>
        </tr>
      </thead>
      <tbody>
        {executions.map((execution) => (
          <ExecutionRow key={execution.executionId} execution={execution} withFlow={withFlow} />
        ))}
      </tbody>
    </table>
  )
}

function ExecutionRow({
  execution,
  withFlow,
}: {
  execution: Plain<ExecutionSummary>
  withFlow: boolean
}): VNode {
  const { executionId, flowId, startUnixNs, status, durationMs, spanCount, closeReason } = execution
  return (
    <tr>
      <th scope="row">
        <ExecutionLink executionId={executionId} />
      </th>
      {withFlow && (
        <td data-label="flow">
          <FlowLink flowId={flowId} />
        </td>
      )}
      <td data-label="started">
        <Time unixNs={startUnixNs} />
      </td>
      <td data-label="status">
        <Status status={status} isRunning={closeReason === undefined} />
      </td>
      <NumberCell label="duration">
        {durationMs === undefined ? (
          <Absent because="it has not ended" />
        ) : (
          durationText(durationMs)
        )}
      </NumberCell>
      <NumberCell label="spans">{countText(spanCount)}</NumberCell>
    </tr>
  )
}

/** `running` while no reason for closing exists; else the engine's own word. */
export function Status({
  status,
  isRunning,
}: {
  status: string | undefined
  isRunning: boolean
}): VNode {
  if (isRunning) return <span class="status running">running</span>
  if (status === undefined) return <Absent because="no span carried a status" />
  const tone = status === 'completed' ? 'good' : status === 'failed' ? 'bad' : 'other'
  return (
    <span class={`status ${tone}`}>
      <SpanText text={status} maxLength={30} />
    </span>
  )
}
