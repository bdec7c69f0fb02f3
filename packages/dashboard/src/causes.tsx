import type { Cause, Plain } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { percentText } from './format.ts'
import { ExecutionLink } from './links.tsx'
import { SpanText } from './span-text.tsx'

/** As many as a card has room for. */
const maxCauses = 3

/** Why a level changed, beside the places that the contributions show. */
export function Causes({ causes }: { causes: readonly Plain<Cause>[] }): VNode | null {
  const told = causes.filter(({ kind }) => kind !== 'place').slice(0, maxCauses)
  if (told.length === 0) return null
  return (
    <ul class="causes" aria-label="Causes">
      {told.map((cause) => (
        <li key={`${cause.kind} ${cause.words}`}>
          <span class="muted">because of </span>
          <SpanText text={cause.words} maxLength={200} />
          <span class="interval" title="of the change">
            {' '}
            {percentText(Math.min(1, cause.share))} of it
          </span>{' '}
          {cause.executionIds.slice(0, 1).map((executionId) => (
            <ExecutionLink key={executionId} executionId={executionId} maxLength={24} />
          ))}
        </li>
      ))}
    </ul>
  )
}
