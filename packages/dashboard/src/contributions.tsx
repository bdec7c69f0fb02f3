import type { Contribution, Plain } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { countOfText, durationChangeText } from './format.ts'
import { StepPlace } from './place.tsx'

/** As many as a card has room for beside its figures. */
const maxBars = 5

/** Where a change of the mean comes from: what is not drawn is summed up. */
export function Contributions({
  contributions,
}: {
  contributions: readonly Plain<Contribution>[]
}): VNode | null {
  if (contributions.length === 0) return null
  const drawn = contributions.slice(0, maxBars)
  const rest = contributions.slice(maxBars)
  const restMs = rest.reduce((sum, { changeMs }) => sum + changeMs, 0)
  const totalMs = contributions.reduce((sum, { changeMs }) => sum + changeMs, 0)
  const changesMs = [...drawn.map(({ changeMs }) => changeMs), restMs]
  const scale = { leastMs: Math.min(0, ...changesMs), mostMs: Math.max(0, ...changesMs) }
  const bar = (changeMs: number) => <ChangeBar changeMs={changeMs} scale={scale} />
  return (
    <table class="contributions">
      <caption>Mean change per execution {durationChangeText(totalMs)}, of which</caption>
      <tbody>
        {drawn.map((contribution) => (
          <tr key={JSON.stringify(contribution)}>
            <th scope="row">
              <StepPlace place={{ ...contribution, kind: contribution.phase }} />
            </th>
            <td class="number">{durationChangeText(contribution.changeMs)}</td>
            <td class="bar-cell">{bar(contribution.changeMs)}</td>
          </tr>
        ))}
        {rest.length > 0 && (
          <tr>
            <th scope="row" class="muted">
              {countOfText(rest.length, 'other place')}
            </th>
            <td class="number">{durationChangeText(restMs)}</td>
            <td class="bar-cell">{bar(restMs)}</td>
          </tr>
        )}
      </tbody>
    </table>
  )
}

/** Right of zero slower, left of it faster; zero stands where both sides fit. */
function ChangeBar({
  changeMs,
  scale: { leastMs, mostMs },
}: {
  changeMs: number
  scale: { leastMs: number; mostMs: number }
}): VNode | null {
  const rangeMs = mostMs - leastMs
  if (rangeMs <= 0) return null
  const percent = (ms: number) => `${(ms / rangeMs) * 100}%`
  return (
    <span class="change-bar" aria-hidden="true">
      <span
        class={changeMs < 0 ? 'faster' : 'slower'}
        style={{
          left: percent(Math.min(0, changeMs) - leastMs),
          width: percent(Math.abs(changeMs)),
        }}
      />
      <span class="zero" style={{ left: percent(-leastMs) }} />
    </span>
  )
}
