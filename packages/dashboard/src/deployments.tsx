import type { DeploymentReport, FlowReport, Plain } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { SpanText } from './span-text.tsx'
import { Time } from './time.tsx'

/** What was deployed or marked, the newest first, and how the inputs shifted. */
export function Deployments({
  flow: { deployments, mixShifts },
}: {
  flow: Pick<Plain<FlowReport>, 'deployments' | 'mixShifts'>
}): VNode | null {
  if (deployments.length + mixShifts.length === 0) return null
  return (
    <section aria-labelledby="deployments">
      <h2 id="deployments">Deployments and inputs</h2>
      <ul class="deployments">
        {[...deployments].reverse().map((one) => (
          <li key={`${one.unixNs} ${one.kind} ${one.name}`}>
            <Time unixNs={one.unixNs} /> <What deployment={one} />
          </li>
        ))}
        {[...mixShifts].reverse().map((shift) => (
          <li key={shift.onsetExecutionId}>
            <SpanText text={shift.sentence} maxLength={400} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function What({
  deployment: { kind, name, previous, difference },
}: {
  deployment: Plain<DeploymentReport>
}): VNode {
  if (kind === 'mark') return <SpanText text={name} maxLength={200} />
  return (
    <>
      {kind === 'flow_version' ? 'flow version ' : 'code version '}
      <SpanText text={name} maxLength={60} />
      {previous !== undefined && (
        <span class="muted">
          {' '}
          after <SpanText text={previous} maxLength={60} />
        </span>
      )}
      {difference !== undefined && (
        <>
          {': '}
          <SpanText text={difference} maxLength={200} />
        </>
      )}
    </>
  )
}
