import type { VNode } from 'preact'
import { timeText, unixMsFrom } from './format.ts'

/** A point in time in the reader's zone; the exact one on hover. */
export function Time({ unixNs }: { unixNs: string }): VNode {
  const unixMs = unixMsFrom(unixNs)
  const iso = new Date(unixMs).toISOString()
  return (
    <time dateTime={iso} title={iso}>
      {timeText(unixMs, Date.now())}
    </time>
  )
}
