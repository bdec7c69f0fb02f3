import type { VNode } from 'preact'
import { askWhy } from './api.ts'
import { useFeed } from './feed.ts'
import { SpanText } from './span-text.tsx'

/** More would push the figures off the screen; the rest is counted. */
const maxFacts = 12

/** The collector's answer in words. Silent where there is none: the figures below stand for themselves. */
export function Why({
  about,
  gapMs,
}: {
  about: { executionId: string } | { flowId: string }
  gapMs?: () => number
}): VNode | null {
  const feed = useFeed(askWhy(about), gapMs)
  if (feed.kind === 'loading' || feed.kind === 'missing') return null
  if (feed.kind === 'failed') return <p class="problem">No explanation: {feed.reason}.</p>
  const { headline, facts } = feed.value
  return (
    <section class="why" aria-label="Why">
      <p class="headline">
        <SpanText text={headline} maxLength={600} />
      </p>
      <ul>
        {facts.slice(0, maxFacts).map((fact) => (
          <li key={fact}>
            <SpanText text={fact} maxLength={400} />
          </li>
        ))}
      </ul>
      {facts.length > maxFacts && <p class="quiet">{facts.length - maxFacts} more facts.</p>}
    </section>
  )
}
