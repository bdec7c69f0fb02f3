import type { VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ErrorBoundary } from './error-boundary.tsx'
import { ExecutionView } from './execution-view.tsx'
import { Revision } from './feed.ts'
import { FlowView } from './flow-view.tsx'
import { timeText } from './format.ts'
import { followLive, type Presence } from './live.ts'
import { Overview } from './overview.tsx'
import { parseRoute, type Route } from './route.ts'
import { SpanText } from './span-text.tsx'

/** The page: header, the view that the address names, and whether all this is still live. */
export function App(): VNode {
  const route = useRoute()
  const { presence, revision } = useLive()
  const main = useRef<HTMLElement>(null)
  const key = JSON.stringify(route)
  const lastKey = useRef(key)

  // A new view begins at its top, for eyes and for screen readers; the first one keeps the browser's focus.
  useEffect(() => {
    if (lastKey.current === key) return
    lastKey.current = key
    scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [key])

  return (
    <Revision.Provider value={revision}>
      <a class="skip" href={location.hash} onClick={(event) => skipTo(main.current, event)}>
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href="#/">
          qflow-otel
        </a>
        <PresenceMark presence={presence} />
      </header>
      <GoneBanner presence={presence} />
      <main ref={main} tabIndex={-1} class={presence.kind === 'gone' ? 'stale' : ''}>
        <ErrorBoundary key={key}>
          <View route={route} />
        </ErrorBoundary>
      </main>
    </Revision.Provider>
  )
}

function View({ route }: { route: Route }): VNode {
  if (route.kind === 'overview') return <Overview />
  if (route.kind === 'flow') return <FlowView flowId={route.flowId} />
  if (route.kind === 'execution') return <ExecutionView executionId={route.executionId} />
  return (
    <section class="empty">
      <h1>No such page</h1>
      <p>
        <SpanText text={route.hash} /> names nothing. <a href="#/">Back to the overview</a>
      </p>
    </section>
  )
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash))
  useEffect(() => {
    const update = () => setRoute(parseRoute(location.hash))
    addEventListener('hashchange', update)
    return () => removeEventListener('hashchange', update)
  }, [])
  return route
}

function useLive(): { presence: Presence; revision: number } {
  const [presence, onPresence] = useState<Presence>({ kind: 'connecting' })
  const [revision, setRevision] = useState(0)
  useEffect(
    () => followLive({ onPresence, onRevision: () => setRevision((count) => count + 1) }),
    [],
  )
  return { presence, revision }
}

function skipTo(main: HTMLElement | null, event: Event): void {
  event.preventDefault()
  main?.focus()
}

function PresenceMark({ presence }: { presence: Presence }): VNode {
  const words = { connecting: 'connecting', live: 'live', gone: 'not live' }[presence.kind]
  return (
    <span class={`presence ${presence.kind}`} data-presence={presence.kind}>
      {words}
    </span>
  )
}

/** Always in the document, so that a screen reader announces the change. */
function GoneBanner({ presence }: { presence: Presence }): VNode {
  return (
    <div role="status" class="banner" hidden={presence.kind !== 'gone'}>
      {presence.kind === 'gone' && (
        <>
          Collector gone since {timeText(presence.sinceUnixMs, Date.now())}, retrying. What you see
          is from before.
        </>
      )}
    </div>
  )
}
