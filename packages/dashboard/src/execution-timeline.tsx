import type { VNode } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { countOfText, countText } from './format.ts'
import { PathStrip } from './path-strip.tsx'
import { phaseParts, type TimeKind } from './phase.ts'
import { Legend } from './phase-bar.tsx'
import { SpanDetails } from './span-details.tsx'
import { Waterfall } from './waterfall.tsx'
import {
  type PathTile,
  pathTiles,
  pausesIn,
  rowsOnPath,
  totalNsOf,
  waterfallRows,
} from './waterfall-layout.ts'
import type { ExecutionAnswer } from './wire.ts'

/** Some two pixels of a wide screen: thinner tiles could not be told apart. */
const smallestTileRatio = 0.002

/** The waterfall with its critical path on top and the details of the active row beside it. */
export function ExecutionTimeline({ report }: { report: ExecutionAnswer }): VNode {
  const [isPathOnly, setIsPathOnly] = useState(false)
  const [active, setActive] = useState<{ key: string; isPinned: boolean } | undefined>()
  const allRows = useMemo(() => waterfallRows(report), [report])
  const rows = useMemo(() => (isPathOnly ? rowsOnPath(allRows) : allRows), [allRows, isPathOnly])
  const tiles = useMemo(() => {
    const totalNs = totalNsOf(report)
    return pathTiles(report, { totalNs, smallestRatio: smallestTileRatio })
  }, [report])
  const activeRow = rows.find(({ key }) => key === active?.key) ?? rows[0]

  const activate = (key: string, how: 'hovered' | 'pinned') =>
    setActive((old) => {
      if (how === 'pinned') return { key, isPinned: !(old?.isPinned && old.key === key) }
      return old?.isPinned ? old : { key, isPinned: false }
    })

  if (allRows.length === 0) {
    return <p class="quiet">No span of this execution has ended yet.</p>
  }
  return (
    <>
      <div class="waterfall-tools">
        <Legend kinds={kindsIn(report, tiles)} />
        <span class="path-key muted small">on the critical path</span>
        <span class="muted small">
          of phases within a step the lengths are measured, the order is not
        </span>
        <label>
          <input
            type="checkbox"
            checked={isPathOnly}
            onChange={(event) => setIsPathOnly(event.currentTarget.checked)}
          />{' '}
          only the critical path
        </label>
        <span class="muted small">{shownText(rows.length, report)}</span>
      </div>
      <div class="timeline">
        <Waterfall
          rows={rows}
          pauses={pausesIn(report)}
          totalNs={totalNsOf(report)}
          head={<PathLine tiles={tiles} />}
          activeKey={activeRow?.key}
          onActivate={activate}
        />
        {activeRow !== undefined && (
          <SpanDetails row={activeRow} isPinned={active?.isPinned === true} />
        )}
      </div>
    </>
  )
}

function PathLine({ tiles }: { tiles: readonly PathTile[] }): VNode | null {
  if (tiles.length === 0) return null
  return (
    <div class="path-line">
      <span class="path-name">critical path</span>
      <PathStrip tiles={tiles} />
    </div>
  )
}

function kindsIn(
  { execution }: ExecutionAnswer,
  tiles: readonly PathTile[],
): ReadonlySet<TimeKind> {
  const phases = execution.steps.flatMap(({ phasesNs }) => phaseParts(phasesNs))
  const drawn = [...tiles.flatMap(({ parts }) => parts), ...phases]
  return new Set(drawn.map(({ kind }) => kind))
}

function shownText(shownCount: number, { execution }: ExecutionAnswer): string {
  if (shownCount === execution.spanCount) return countOfText(shownCount, 'span')
  return `${countText(shownCount)} of ${countOfText(execution.spanCount, 'span')}`
}
