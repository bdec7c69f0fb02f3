import type { Losses, Plain } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { countOfText, countText } from './format.ts'
import { SpanText } from './span-text.tsx'

/** What was used and what was not, by reason: loss is never silent. */
export function LossLine({ losses }: { losses: Plain<Losses> }): VNode {
  const dropped = Object.entries(losses.droppedSpans).filter(([, count]) => count > 0)
  const closed = Object.entries(losses.closedExecutions).filter(([, count]) => count > 0)
  const unjudged = Object.entries(losses.unjudged ?? {}).filter(([, count]) => count > 0)
  const misplaced = Object.entries(losses.misplaced ?? {}).filter(([, count]) => count > 0)
  return (
    <p class="losses small">
      <span>{countOfText(losses.acceptedSpanCount, 'span')} accepted</span>
      {dropped.length === 0 ? (
        <span>none dropped</span>
      ) : (
        <span class="bad">
          dropped: <Reasons counts={dropped} />
        </span>
      )}
      {unjudged.length > 0 && (
        <span>
          not judged: <Reasons counts={unjudged} />
        </span>
      )}
      {misplaced.length > 0 && (
        <span>
          judged out of order: <Reasons counts={misplaced} />
        </span>
      )}
      {closed.length > 0 && (
        <span>
          executions closed: <Reasons counts={closed} />
        </span>
      )}
    </p>
  )
}

function Reasons({ counts }: { counts: readonly [string, number][] }): VNode {
  return (
    <>
      {counts.map(([reason, count], index) => (
        <span key={reason}>
          {index > 0 && ', '}
          {countText(count)} <SpanText text={reason} maxLength={40} />
        </span>
      ))}
    </>
  )
}
