import type { VNode } from 'preact'
import { countOfText, countText, exactMsText, percentText } from './format.ts'
import { Pair } from './pair.tsx'
import { phaseParts, timeKindLabel } from './phase.ts'
import { SpanText } from './span-text.tsx'
import { spanTitle } from './span-title.ts'
import type { WaterfallRow } from './waterfall-layout.ts'

/** More than anybody reads at once; the rest is counted. */
const maxAttributes = 64

/** Exact figures of the active row. */
export function SpanDetails({ row, isPinned }: { row: WaterfallRow; isPinned: boolean }): VNode {
  const { span, step, pathNs } = row
  const durationNs = span.endNs - span.startNs
  return (
    <aside class="details" aria-label="Details of the active span">
      <h3>
        <SpanText text={spanTitle(row)} maxLength={200} />
      </h3>
      <p class="muted small">
        {span.role} span · {span.kind}
        {span.serviceName !== undefined && (
          <>
            {' · '}
            <SpanText text={span.serviceName} maxLength={60} />
          </>
        )}
        {isPinned && ' · pinned, click again to let go'}
      </p>
      <dl class="pairs">
        {step !== undefined && (
          <Pair name="span">
            <SpanText text={span.name} maxLength={200} />
          </Pair>
        )}
        <Pair name="duration">{exactMsText(durationNs)}</Pair>
        <Pair name="starts at">{exactMsText(span.startNs)}</Pair>
        <Pair name="on the critical path">
          {exactMsText(pathNs)}
          {durationNs > 0 && ` (${percentText(pathNs / durationNs)} of it)`}
        </Pair>
        <StepPairs row={row} />
        <Pair name="span id">
          <code>
            <SpanText text={span.spanId} />
          </code>
        </Pair>
      </dl>
      <Attributes attributes={span.attributes} />
    </aside>
  )
}

function StepPairs({ row }: { row: WaterfallRow }): VNode | null {
  const { step } = row
  if (step === undefined) return null
  const durationNs = step.endNs - step.startNs
  return (
    <>
      {step.errorType !== undefined && (
        <Pair name="error">
          <span class="bad">
            <SpanText text={step.errorType} maxLength={100} />
          </span>
        </Pair>
      )}
      {step.attemptCount > 1 && <Pair name="attempts">{countText(step.attemptCount)}</Pair>}
      {phaseParts(step.phasesNs).map(({ kind, value: ns }) => (
        <Pair key={kind} name={timeKindLabel(kind)}>
          {exactMsText(ns)}
          {durationNs > 0 && ` (${percentText(ns / durationNs)})`}
        </Pair>
      ))}
      {step.missingPhases.length > 0 && (
        <Pair name="not measured">{step.missingPhases.map(timeKindLabel).join(', ')}</Pair>
      )}
      {step.cpuNs !== undefined && (
        <Pair name={attributed('cpu', step.attribution)}>{exactMsText(step.cpuNs)}</Pair>
      )}
      {step.heapGrowthBytes !== undefined && (
        <Pair name="heap growth">{countText(step.heapGrowthBytes)} B</Pair>
      )}
      {step.cacheHits !== undefined && <Pair name="cache hits">{countText(step.cacheHits)}</Pair>}
      {step.cacheMisses !== undefined && (
        <Pair name="cache misses">{countText(step.cacheMisses)}</Pair>
      )}
    </>
  )
}

/** A shared figure is an upper bound, and says so. */
function attributed(name: string, attribution: 'exclusive' | 'shared' | undefined): string {
  if (attribution === undefined) return name
  return attribution === 'shared' ? `${name} (at most, shared)` : `${name} (exclusive)`
}

function Attributes({
  attributes,
}: {
  attributes: Readonly<Record<string, unknown>>
}): VNode | null {
  const entries = Object.entries(attributes)
  if (entries.length === 0) return null
  return (
    <details>
      <summary>{countOfText(entries.length, 'attribute')}</summary>
      <dl class="pairs">
        {entries.slice(0, maxAttributes).map(([name, value]) => (
          <Pair key={name} name={<SpanText text={name} maxLength={80} />}>
            <SpanText
              text={typeof value === 'string' ? value : JSON.stringify(value)}
              maxLength={200}
            />
          </Pair>
        ))}
      </dl>
      {entries.length > maxAttributes && (
        <p class="quiet">{entries.length - maxAttributes} more.</p>
      )}
    </details>
  )
}
