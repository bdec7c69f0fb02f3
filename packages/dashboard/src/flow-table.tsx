import type { FlowReport, Plain } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { countOfText, countText } from './format.ts'
import { FlowLink } from './links.tsx'
import { FailedCell, NumberCell, NumberHead } from './number-cell.tsx'
import { Quantile } from './quantile.tsx'

/** A page of rows; generated flows may have thousands, which would make every update slow. */
const maxRows = 200

/** One row per flow, in the order of the answer. */
export function FlowTable({ flows }: { flows: readonly Plain<FlowReport>[] }): VNode {
  return (
    <>
      <table class="records">
        <thead>
          <tr>
            <th scope="col">flow</th>
            <th scope="col">state</th>
            <NumberHead>executions</NumberHead>
            <NumberHead>failed</NumberHead>
            <NumberHead>p50</NumberHead>
            <NumberHead>p95</NumberHead>
            <NumberHead>p99</NumberHead>
          </tr>
        </thead>
        <tbody>
          {flows.slice(0, maxRows).map((flow) => (
            <FlowRow key={`${flow.tenant}\n${flow.flowId}`} flow={flow} />
          ))}
        </tbody>
      </table>
      {flows.length > maxRows && (
        <p class="quiet">{countOfText(flows.length - maxRows, 'more flow')} not drawn here.</p>
      )}
    </>
  )
}

function FlowRow({ flow }: { flow: Plain<FlowReport> }): VNode {
  const { flowId, executionCount, failedCount, durationMs } = flow
  return (
    <tr>
      <th scope="row">
        <FlowLink flowId={flowId} />
      </th>
      <td data-label="state">
        <FlowState flow={flow} />
      </td>
      <NumberCell label="executions">{countText(executionCount)}</NumberCell>
      <FailedCell count={failedCount} />
      <NumberCell label="p50">
        <Quantile estimate={durationMs.p50} />
      </NumberCell>
      <NumberCell label="p95">
        <Quantile estimate={durationMs.p95} />
      </NumberCell>
      <NumberCell label="p99">
        <Quantile estimate={durationMs.p99} />
      </NumberCell>
    </tr>
  )
}

/** Learning says nothing about changes yet, and how much is missing. */
export function FlowState({ flow }: { flow: Plain<FlowReport> }): VNode {
  const { state, learnedCount, minSampleSize, falseAlarmBudgetExecutions } = flow
  if (state === 'off') {
    return (
      <span class="state" title="detection is disabled">
        not watched
      </span>
    )
  }
  if (state === 'watching') {
    const budget = `at most one false alarm in ${countText(falseAlarmBudgetExecutions)} executions`
    return (
      <span class="state watching" title={budget}>
        watching
      </span>
    )
  }
  return (
    <span class="state learning" title="changes are judged once enough executions were seen">
      learning
      <progress value={learnedCount} max={minSampleSize} aria-hidden="true" />
      <span class="small">
        {countText(learnedCount)} of {countOfText(minSampleSize, 'execution')}
      </span>
    </span>
  )
}
