import type { Place, Plain } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { FlowLink } from './links.tsx'
import { timeKindLabel } from './phase.ts'
import { SpanText } from './span-text.tsx'

/** flow › step › phase › span, as far as it goes; the flow is a link. */
export function PlacePath({ place }: { place: Plain<Place> }): VNode {
  const { flowId, flowVersion, stepId, phase, spanName } = place
  return (
    <span class="place">
      <FlowLink flowId={flowId} />
      {flowVersion !== undefined && (
        <span class="muted">
          {' '}
          <SpanText text={flowVersion} maxLength={30} />
        </span>
      )}
      {stepId !== undefined && (
        <span class="part">
          <SpanText text={stepId} maxLength={60} />
        </span>
      )}
      {phase !== undefined && <span class="part">{timeKindLabel(phase)}</span>}
      {spanName !== undefined && (
        <span class="part">
          <SpanText text={spanName} maxLength={80} />
        </span>
      )}
    </span>
  )
}
