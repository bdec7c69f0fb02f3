import type { Plain, VariantReport } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { Absent } from './absent.tsx'
import { countOfText, countText, percentText } from './format.ts'
import { FailedCell, NumberCell, NumberHead } from './number-cell.tsx'
import { StepPlace } from './place.tsx'
import { Quantile } from './quantile.tsx'
import { SpanText } from './span-text.tsx'

/** Which branches were taken, how often, and what each took. */
export function VariantTable({ variants }: { variants: readonly Plain<VariantReport>[] }): VNode {
  return (
    <table class="records">
      <thead>
        <tr>
          <th scope="col" class="wide">
            what tells it apart
          </th>
          <NumberHead>executions</NumberHead>
          <NumberHead>failed</NumberHead>
          <NumberHead>share</NumberHead>
          <NumberHead>p50</NumberHead>
          <th scope="col">mostly</th>
        </tr>
      </thead>
      <tbody>
        {variants.map((variant) => (
          <VariantRow key={JSON.stringify(variant.steps)} variant={variant} />
        ))}
      </tbody>
    </table>
  )
}

function VariantRow({ variant }: { variant: Plain<VariantReport> }): VNode {
  const { executionCount, failedCount, share, durationMs, criticalPath } = variant
  const [largest] = criticalPath
  return (
    <tr>
      <th scope="row" class="wide">
        <VariantName variant={variant} />
      </th>
      <NumberCell label="executions">{countText(executionCount)}</NumberCell>
      <FailedCell count={failedCount} />
      <NumberCell label="share">
        {percentText(share.value)}{' '}
        <span class="interval" title="95 % interval">
          {percentText(share.low)} … {percentText(share.high)}
        </span>
      </NumberCell>
      <NumberCell label="p50">
        <Quantile estimate={durationMs.p50} />
      </NumberCell>
      <td data-label="mostly">
        {largest === undefined ? (
          <Absent because="none of these executions is remembered" />
        ) : (
          <StepPlace place={{ ...largest, kind: largest.phase }} />
        )}
      </td>
    </tr>
  )
}

/** Steps that all variants run say nothing; those that failed led to another branch. */
function VariantName({ variant: { steps, distinct } }: { variant: Plain<VariantReport> }): VNode {
  if (steps === undefined) return <>all others</>
  if (distinct.length === 0) return <>{countOfText(steps.length, 'step')} that all run</>
  return (
    <>
      {distinct.map(({ stepId, isFailed }, at) => (
        <span key={JSON.stringify([stepId, isFailed])} class={isFailed ? 'bad' : undefined}>
          {at > 0 && ', '}
          <SpanText text={stepId} maxLength={40} />
          {isFailed && ' failed'}
        </span>
      ))}
    </>
  )
}
