import type { ComponentChildren, VNode } from 'preact'
import type { Feed } from './feed.ts'

/** The states of an answer that are the same everywhere; `children` draws the value. */
export function FeedView<T>({
  feed,
  missing,
  children,
}: {
  feed: Feed<T>
  missing: ComponentChildren
  children: (value: T) => ComponentChildren
}): VNode {
  if (feed.kind === 'loading') return <p class="quiet">Asking the collector…</p>
  if (feed.kind === 'missing') return <>{missing}</>
  if (feed.kind === 'failed') return <p class="problem">No answer: {feed.reason}.</p>
  return (
    <>
      {feed.problem !== undefined && (
        <p class="problem">The newest answer failed ({feed.problem}); this is an older one.</p>
      )}
      {children(feed.value)}
    </>
  )
}
