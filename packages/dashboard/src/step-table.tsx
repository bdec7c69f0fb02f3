import type { Plain, StepReport } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { Absent } from './absent.tsx'
import { countOfText, countText } from './format.ts'
import { type TimeKind, timeKindLabel } from './phase.ts'
import { Legend, PhaseBar, phasesText } from './phase-bar.tsx'
import { Quantile } from './quantile.tsx'
import { SpanText } from './span-text.tsx'

const maxRows = 200

/** The steps of a flow with their durations and the phases of a mean run. */
export function StepTable({ steps }: { steps: readonly Plain<StepReport>[] }): VNode {
  if (steps.length === 0) return <p class="quiet">No step was seen.</p>
  const kinds = new Set(steps.flatMap(({ phasesMs }) => Object.keys(phasesMs)) as TimeKind[]) // keys of PhasesMs are phases
  return (
    <>
      <Legend kinds={kinds} />
      <table class="records">
        <thead>
          <tr>
            <th scope="col">step</th>
            <th scope="col" class="number">
              runs
            </th>
            <th scope="col" class="number">
              failed
            </th>
            <th scope="col" class="number">
              p50
            </th>
            <th scope="col" class="number">
              p95
            </th>
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
  const { stepId, action, runCount, failedCount, durationMs, phasesMs, missingPhases } = step
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
      <td data-label="runs" class="number">
        {countText(runCount)}
      </td>
      <td data-label="failed" class={failedCount > 0 ? 'number bad' : 'number'}>
        {countText(failedCount)}
      </td>
      <td data-label="p50" class="number">
        <Quantile estimate={durationMs.p50} />
      </td>
      <td data-label="p95" class="number">
        <Quantile estimate={durationMs.p95} />
      </td>
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
