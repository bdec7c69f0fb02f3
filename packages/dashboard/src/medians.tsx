import type { Plain, Regression } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { durationText } from './format.ts'

/** The median before and after a change, on one scale from 0. */
export function Medians({ regression }: { regression: Plain<Regression> }): VNode {
  const { medianBeforeMs, medianAfterMs, direction } = regression
  const largestMs = Math.max(medianBeforeMs, medianAfterMs)
  const width = (ms: number) => `${largestMs > 0 ? (ms / largestMs) * 100 : 0}%`
  return (
    <dl class="medians">
      <dt>median before</dt>
      <dd class="number">{durationText(medianBeforeMs)}</dd>
      <dd class="bar-cell" aria-hidden="true">
        <span class="median-bar" style={{ width: width(medianBeforeMs) }} />
      </dd>
      <dt>after</dt>
      <dd class="number">{durationText(medianAfterMs)}</dd>
      <dd class="bar-cell" aria-hidden="true">
        <span class={`median-bar ${direction}`} style={{ width: width(medianAfterMs) }} />
      </dd>
    </dl>
  )
}
