import type { ComponentChildren, VNode } from 'preact'
import { countOfText, durationText, percentText } from './format.ts'
import type { TimeKind } from './phase.ts'
import { StepPlace } from './place.tsx'

/** Time on the critical path in one place. */
export interface ShareRow {
  readonly kind: TimeKind
  readonly stepId: string | undefined
  readonly spanName: string | undefined
  readonly ms: number
  readonly ratio: number
  /** Beside the share, e.g. its interval. */
  readonly note?: ComponentChildren
}

/** The places below are together a sliver of the path. */
const maxRows = 12

/** Where the time on the path went, the largest first; what is not drawn is summed up. */
export function ShareTable({
  rows,
  caption,
}: {
  rows: readonly ShareRow[]
  caption: string
}): VNode {
  const drawn = rows.slice(0, maxRows)
  const rest = rows.slice(maxRows)
  const largest = Math.max(...drawn.map(({ ratio }) => ratio), 0)
  return (
    <table class="shares">
      <caption>{caption}</caption>
      <tbody>
        {drawn.map((row) => (
          <tr key={JSON.stringify([row.stepId, row.kind, row.spanName])}>
            <th scope="row">
              <StepPlace place={row} />
            </th>
            <td class="number">{durationText(row.ms)}</td>
            <td class="number">
              {percentText(row.ratio)} {row.note}
            </td>
            <td class="bar-cell" aria-hidden="true">
              <span
                class={`share-bar kind-${row.kind}`}
                style={{ width: `${largest > 0 ? (row.ratio / largest) * 100 : 0}%` }}
              />
            </td>
          </tr>
        ))}
        {rest.length > 0 && (
          <tr>
            <th scope="row" class="muted">
              {countOfText(rest.length, 'other place')}
            </th>
            <td class="number">{durationText(rest.reduce((sum, { ms }) => sum + ms, 0))}</td>
            <td class="number">{percentText(rest.reduce((sum, { ratio }) => sum + ratio, 0))}</td>
            <td />
          </tr>
        )}
      </tbody>
    </table>
  )
}
