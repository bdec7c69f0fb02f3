import type { Plain, StepReport } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { Absent } from './absent.tsx'
import { countOfText, countText, durationText, percentText } from './format.ts'
import { FailedCell, NumberCell, NumberHead } from './number-cell.tsx'
import { phaseParts, timeKindLabel } from './phase.ts'
import { Legend, PhaseBar, phasesText } from './phase-bar.tsx'
import { Quantile } from './quantile.tsx'
import { SpanText } from './span-text.tsx'

/** A page of rows; generated flows may have thousands, which would make every update slow. */
const maxRows = 200

/** The steps of a flow with their durations and the phases of a mean run. */
export function StepTable({ steps }: { steps: readonly Plain<StepReport>[] }): VNode {
  if (steps.length === 0) return <p class="quiet">No step was seen.</p>
  const phases = steps.flatMap(({ phasesMs }) => phaseParts(phasesMs))
  return (
    <>
      <Legend kinds={new Set(phases.map(({ kind }) => kind))} />
      <table class="records">
        <thead>
          <tr>
            <th scope="col">step</th>
            <NumberHead>runs</NumberHead>
            <NumberHead>failed</NumberHead>
            <NumberHead>p50</NumberHead>
            <NumberHead>p95</NumberHead>
            <NumberHead>on the path</NumberHead>
            <th scope="col" class="wide">
              phases of a mean run
            </th>
          </tr>
        </thead>
        <tbody>
          {steps.slice(0, maxRows).map((step) => (
            <StepRow key={step.stepId} step={step} />
          ))}
        </tbody>
      </table>
      {steps.length > maxRows && (
        <p class="quiet">{countOfText(steps.length - maxRows, 'more step')} not drawn here.</p>
      )}
    </>
  )
}

function StepRow({ step }: { step: Plain<StepReport> }): VNode {
  const { stepId, action, runCount, failedCount, durationMs, phasesMs, missingPhases, slack } = step
  const hasPhases = Object.keys(phasesMs).length > 0
  return (
    <tr>
      <th scope="row">
        <SpanText text={stepId} maxLength={60} />
        {action !== undefined && (
          <span class="muted small">
            {' '}
            <SpanText text={action} maxLength={40} />
          </span>
        )}
      </th>
      <NumberCell label="runs">{countText(runCount)}</NumberCell>
      <FailedCell count={failedCount} />
      <NumberCell label="p50">
        <Quantile estimate={durationMs.p50} />
      </NumberCell>
      <NumberCell label="p95">
        <Quantile estimate={durationMs.p95} />
      </NumberCell>
      <NumberCell label="on the path">
        {slack === undefined ? (
          <Absent because="none of its executions was looked at closely" />
        ) : (
          <span title={`slack in the median ${durationText(slack.quantilesMs.p50?.value ?? 0)}`}>
            {percentText(slack.onPath.value)}
          </span>
        )}
      </NumberCell>
      <td data-label="phases" class="wide">
        {hasPhases ? (
          <PhaseBar times={phasesMs} label={phasesText(phasesMs)} />
        ) : (
          <Absent because="no phase of this step was measured" />
        )}
        {missingPhases.length > 0 && (
          <span class="muted small">
            not measured: {missingPhases.map(timeKindLabel).join(', ')}
          </span>
        )}
      </td>
    </tr>
  )
}
