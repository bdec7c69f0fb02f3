import type { Plain, QuantileEstimate } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { Absent } from './absent.tsx'
import { durationText } from './format.ts'

/** A quantile in ms and its 95 % interval, as far as n allows one. */
export function Quantile({ estimate }: { estimate: Plain<QuantileEstimate> | undefined }): VNode {
  if (estimate === undefined) return <Absent because="nothing was measured yet" />
  const { value, low, high } = estimate
  return (
    <span class="quantile">
      {durationText(value)}
      <span class="interval" title="95 % interval">
        {end(low)} … {end(high)}
      </span>
    </span>
  )
}

function end(value: number | undefined): VNode | string {
  if (value !== undefined) return durationText(value)
  return <Absent because="too few executions for this end of the interval" />
}
