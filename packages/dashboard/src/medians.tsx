import type { MetricLevel, Plain, Regression } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { bytesText, countText, durationText, percentText } from './format.ts'

/** The level before and after a change, on one scale from 0. */
export function Medians({ regression }: { regression: Plain<Regression> }): VNode {
  const { level, direction } = regression
  const { before, after, unit } = level
  const largest = Math.max(before, after)
  const width = (value: number) => `${largest > 0 ? (value / largest) * 100 : 0}%`
  const { noun, text } = units[unit]
  return (
    <dl class="medians">
      <dt>{noun} before</dt>
      <dd class="number">{text(before)}</dd>
      <dd class="bar-cell" aria-hidden="true">
        <span class="median-bar" style={{ width: width(before) }} />
      </dd>
      <dt>after</dt>
      <dd class="number">{text(after)}</dd>
      <dd class="bar-cell" aria-hidden="true">
        <span class={`median-bar ${direction}`} style={{ width: width(after) }} />
      </dd>
    </dl>
  )
}

const units: Readonly<
  Record<MetricLevel['unit'], { readonly noun: string; readonly text: (value: number) => string }>
> = {
  ms: { noun: 'median', text: durationText },
  bytes: { noun: 'median', text: bytesText },
  ratio: { noun: 'failed', text: percentText },
  per_hour: { noun: 'per hour', text: (value) => countText(Math.round(value)) },
}
