import { isOverall, OTHER_PLACE, type Place, type Plain } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { FlowLink } from './links.tsx'
import { type TimeKind, timeKindLabel } from './phase.ts'
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
      {stepId !== undefined && <NamePart text={stepId} maxLength={60} />}
      {isOverall(place) && <span class="part">all steps</span>}
      {phase !== undefined && <span class="part">{timeKindLabel(phase)}</span>}
      {spanName !== undefined && <NamePart text={spanName} maxLength={80} />}
    </span>
  )
}

/** A place inside one flow, short enough for a row: step › phase › span. */
export function StepPlace({
  place: { stepId, kind, spanName },
}: {
  place: {
    readonly stepId: string | undefined
    readonly kind: TimeKind | undefined
    readonly spanName: string | undefined
  }
}): VNode {
  if (kind === 'paused') return <span class="place">paused</span>
  if (stepId === OTHER_PLACE.stepId) return <span class="place">the rest</span>
  return (
    <span class="place">
      {stepId === undefined ? (
        <span class="part">between steps</span>
      ) : (
        <NamePart text={stepId} maxLength={40} />
      )}
      {kind !== undefined && kind !== 'other' && <span class="part">{timeKindLabel(kind)}</span>}
      {spanName !== undefined && <NamePart text={spanName} maxLength={60} />}
    </span>
  )
}

function NamePart({ text, maxLength }: { text: string; maxLength: number }): VNode {
  return (
    <span class="part">
      <SpanText text={text} maxLength={maxLength} />
    </span>
  )
}
