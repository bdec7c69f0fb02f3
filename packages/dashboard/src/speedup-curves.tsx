import type { Plain, SpeedupCurve } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { countText, percentText } from './format.ts'
import { StepPlace } from './place.tsx'

const width = 160
const height = 56

/** What is saved when a place takes a part of its time; one small drawing for each of the largest. */
export function SpeedupCurves({ curves }: { curves: readonly Plain<SpeedupCurve>[] }): VNode {
  return (
    <ul class="curves">
      {curves.map((curve) => (
        <li key={JSON.stringify(curve.place)}>
          <StepPlace place={{ ...curve.place, kind: curve.place.phase }} />
          <Curve curve={curve} />
        </li>
      ))}
    </ul>
  )
}

/** From all of the place's time on the left to none on the right, between the ends of the intervals. */
function Curve({ curve: { points } }: { curve: Plain<SpeedupCurve> }): VNode {
  const last = points.at(-1)
  const largest = Math.max(...points.map(({ saved }) => saved.high), Number.EPSILON)
  const x = (remainingRatio: number) => (1 - remainingRatio) * width
  const y = (saved: number) => height - (Math.max(0, saved) / largest) * height
  const line = points.map(({ remainingRatio, saved }) => `${x(remainingRatio)},${y(saved.value)}`)
  const upper = points.map(({ remainingRatio, saved }) => `${x(remainingRatio)},${y(saved.high)}`)
  const lower = points.map(({ remainingRatio, saved }) => `${x(remainingRatio)},${y(saved.low)}`)
  return (
    <figure>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={curveText(points)}>
        <polygon class="curve-interval" points={[...upper, ...lower.reverse()].join(' ')} />
        <polyline class="curve-line" points={line.join(' ')} />
      </svg>
      <figcaption>
        {points
          .filter(({ remainingRatio }) => remainingRatio < 1)
          .map(({ remainingRatio, saved }) => (
            <span key={remainingRatio}>
              {percentText(remainingRatio)} → <b>{percentText(saved.value)}</b>
            </span>
          ))}
        {last !== undefined && <span class="muted">n = {countText(last.saved.n)}</span>}
      </figcaption>
    </figure>
  )
}

function curveText(points: Plain<SpeedupCurve>['points']): string {
  const parts = points.map(
    ({ remainingRatio, saved }) =>
      `at ${percentText(remainingRatio)} of its time ${percentText(saved.value)} are saved`,
  )
  return parts.join(', ')
}
