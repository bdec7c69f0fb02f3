import { createContext } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'
import { type Loaded, load, type Question } from './api.ts'
import { type Coalesced, coalesce } from './coalesce.ts'

/** An answer that is asked again whenever the collector knows more. */
export type Feed<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** `problem`: the newest attempt failed, so the value is an older one. */
  | { readonly kind: 'ready'; readonly value: T; readonly problem?: string }

/** Counts up whenever what is shown may have become old. */
export const Revision: ReturnType<typeof createContext<number>> = createContext(0)

/** @param gapMs shortest time between two questions, given what is known. */
export function useFeed<T>(
  question: Question<T>,
  gapMs: (known: T | undefined) => number = () => 1000,
): Feed<T> {
  const revision = useContext(Revision)
  const [shown, show] = useState<{ path: string; feed: Feed<T> }>({
    path: question.path,
    feed: loading,
  })
  const asking = useRef<Coalesced | undefined>(undefined)

  // The path is the question's identity.
  useEffect(() => {
    const path = question.path
    let isCurrent = true
    let known: T | undefined
    const run = async () => {
      const loaded = await load(question)
      if (!isCurrent) return
      if (loaded.kind === 'ok') known = loaded.value
      show((old) => ({ path, feed: nextFeed(old.path === path ? old.feed : loading, loaded) }))
    }
    const coalesced = coalesce(run, () => gapMs(known))
    asking.current = coalesced
    coalesced.request()
    return () => {
      isCurrent = false
      coalesced.stop()
    }
  }, [question.path])

  // A new revision is the reason to ask.
  useEffect(() => asking.current?.request(), [revision])

  return shown.path === question.path ? shown.feed : loading
}

const loading = { kind: 'loading' } as const

/** A failure never takes away what is shown; it is said beside it. */
export function nextFeed<T>(feed: Feed<T>, loaded: Loaded<T>): Feed<T> {
  if (loaded.kind === 'ok') return { kind: 'ready', value: loaded.value }
  if (loaded.kind === 'missing') return { kind: 'missing' }
  if (feed.kind === 'ready') return { ...feed, problem: loaded.reason }
  return { kind: 'failed', reason: loaded.reason }
}
