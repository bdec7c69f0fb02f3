import type { VNode } from 'preact'
import { durationText, percentText } from './format.ts'
import {
  type PhaseTimes,
  phaseParts,
  type TimeKind,
  timeKindLabel,
  timeKindMeaning,
  timeKinds,
} from './phase.ts'

/** The phases of a step side by side, of any unit; only their proportions are drawn. */
export function PhaseBar({ times, label }: { times: PhaseTimes; label: string }): VNode | null {
  const parts = phaseParts(times)
  const total = parts.reduce((sum, { value }) => sum + value, 0)
  if (total <= 0) return null
  return (
    <div class="phase-bar" role="img" aria-label={label} title={label}>
      {parts.map(({ kind, value }) => (
        <span
          key={kind}
          class={`tile kind-${kind}`}
          style={{ width: `${(value / total) * 100}%` }}
        />
      ))}
    </div>
  )
}

/** `work 12.3 ms (80 %), ledger 3.0 ms (20 %)`. */
export function phasesText(timesMs: PhaseTimes): string {
  const parts = phaseParts(timesMs)
  const total = parts.reduce((sum, { value }) => sum + value, 0)
  if (parts.length === 0) return 'no phase was measured'
  return parts
    .map(({ kind, value }) => {
      return `${timeKindLabel(kind)} ${durationText(value)} (${percentText(value / total)})`
    })
    .join(', ')
}

/** Names of the colours. */
export function Legend({ kinds }: { kinds: ReadonlySet<TimeKind> }): VNode {
  return (
    <ul class="legend" aria-label="Colours">
      {timeKinds
        .filter((kind) => kinds.has(kind))
        .map((kind) => (
          <li key={kind} title={timeKindMeaning(kind)}>
            <span class={`swatch kind-${kind}`} />
            {timeKindLabel(kind)}
          </li>
        ))}
    </ul>
  )
}
