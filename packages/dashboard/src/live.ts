import { healthUrl, liveUrl } from './api.ts'

/** Whether the collector is there. */
export type Presence =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'gone'; readonly sinceUnixMs: number }

/** Soon enough that a restart is hardly noticed, and no burden for a host that stays away. */
const firstRetryMs = 1000
const longestRetryMs = 5000
/**
 * The stream is silent while nothing happens, and a connection whose other end vanished is silent for ever: after this
 * long the collector is asked for its health.
 */
const silenceMs = 15_000
const healthTimeoutMs = 5000

/**
 * Follows the collector's revisions until the returned function is called.
 *
 * Reconnecting is done here, since a browser gives up for good when a proxy answers with an error. A hidden page holds
 * no stream: a browser allows six connections to a host, and each tab would keep one.
 */
export function followLive(listener: {
  onRevision: () => void
  onPresence: (presence: Presence) => void
}): () => void {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let retryMs = firstRetryMs
  let goneSinceUnixMs: number | undefined

  function open(): void {
    close()
    if (document.visibilityState === 'hidden') return
    source = new EventSource(liveUrl)
    source.onopen = () => {
      arrived()
      // What happened while nobody listened is on no stream.
      listener.onRevision()
    }
    source.addEventListener('revision', () => {
      arrived()
      listener.onRevision()
    })
    source.onerror = lost
  }

  function close(): void {
    clearTimeout(timer)
    source?.close()
    source = undefined
  }

  function arrived(): void {
    retryMs = firstRetryMs
    goneSinceUnixMs = undefined
    listener.onPresence({ kind: 'live' })
    clearTimeout(timer)
    timer = setTimeout(checkHealth, silenceMs)
  }

  function lost(): void {
    close()
    goneSinceUnixMs ??= Date.now()
    listener.onPresence({ kind: 'gone', sinceUnixMs: goneSinceUnixMs })
    timer = setTimeout(open, retryMs)
    retryMs = Math.min(retryMs * 2, longestRetryMs)
  }

  function checkHealth(): void {
    const asked = source
    const signal = AbortSignal.timeout(healthTimeoutMs)
    fetch(healthUrl, { signal }).then(
      () => asked === source && arrived(),
      () => asked === source && lost(),
    )
  }

  open()
  document.addEventListener('visibilitychange', open)
  return () => {
    document.removeEventListener('visibilitychange', open)
    close()
  }
}
