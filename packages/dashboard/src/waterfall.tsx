import type { ComponentChildren, VNode } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { durationText } from './format.ts'
import { useMediaQuery } from './media-query.ts'
import {
  axisTicksNs,
  type Extent,
  movedIndex,
  visibleRows,
  type WaterfallRow,
} from './waterfall-layout.ts'
import { WaterfallRowView } from './waterfall-row.tsx'

/** Up to here the waterfall is as high as its rows; beyond, its rows scroll under its head. */
const maxHeightPx = 640

interface WaterfallProps {
  readonly rows: readonly WaterfallRow[]
  /** Between two segments of the execution. */
  readonly pauses: readonly Extent[]
  readonly totalNs: number
  /** Stays above the rows, on the same time axis. */
  readonly head: ComponentChildren
  readonly activeKey: string | undefined
  /** `pinned`: by click or key, not by pointing at it. */
  readonly onActivate: (key: string, how: 'hovered' | 'pinned') => void
}

/**
 * Spans over time, one row each, of which only those in view are drawn: 10,000 spans cost no more than 30.
 *
 * A listbox: it has the focus itself, keys move the active row.
 */
export function Waterfall(props: WaterfallProps): VNode {
  const { rows, pauses, totalNs, head, activeKey, onActivate } = props
  const isNarrow = useMediaQuery('(max-width: 720px)')
  const rowHeightPx = isNarrow ? 52 : 32
  const heightPx = Math.min(rows.length * rowHeightPx, maxHeightPx)
  const [scrollTopPx, setScrollTopPx] = useState(0)
  const box = useRef<HTMLDivElement>(null)
  const idPrefix = useId()
  const activeIndex = rows.findIndex(({ key }) => key === activeKey)

  // A filter may leave fewer rows than were scrolled past.
  useLayoutEffect(() => setScrollTopPx(box.current?.scrollTop ?? 0), [rows.length, rowHeightPx])

  const move = (event: KeyboardEvent) => {
    const pageCount = Math.max(1, Math.floor(heightPx / rowHeightPx) - 1)
    const index = movedIndex(event.key, { index: activeIndex, count: rows.length, pageCount })
    const row = index === undefined ? undefined : rows[index]
    if (index === undefined || row === undefined) return
    event.preventDefault()
    onActivate(row.key, 'pinned')
    const topPx = index * rowHeightPx
    if (box.current !== null) reveal(box.current, { topPx, rowHeightPx, heightPx })
  }

  const { first, end } = visibleRows({ scrollTopPx, heightPx, rowHeightPx, rowCount: rows.length })
  return (
    <div
      ref={box}
      class="waterfall"
      style={{ maxHeight: `calc(${heightPx}px + var(--head-height))` }}
      onScroll={(event) => setScrollTopPx(event.currentTarget.scrollTop)}
    >
      <div class="waterfall-head">
        {head}
        <Axis totalNs={totalNs} maxCount={isNarrow ? 3 : 6} />
      </div>
      <div
        class="waterfall-rows"
        role="listbox"
        tabIndex={0}
        aria-label="Spans over time; arrow keys move"
        aria-activedescendant={activeIndex < 0 ? undefined : `${idPrefix}-${activeIndex}`}
        style={{ height: `${rows.length * rowHeightPx}px` }}
        onKeyDown={move}
      >
        <Pauses pauses={pauses} />
        {rows.slice(first, end).map((row, offset) => (
          <WaterfallRowView
            key={row.key}
            id={`${idPrefix}-${first + offset}`}
            row={row}
            area={{ topPx: (first + offset) * rowHeightPx, heightPx: rowHeightPx }}
            position={{ index: first + offset, count: rows.length }}
            isActive={first + offset === activeIndex}
            onActivate={onActivate}
          />
        ))}
      </div>
    </div>
  )
}

/** Over all rows, since nothing runs in them. */
function Pauses({ pauses }: { pauses: readonly Extent[] }): VNode {
  return (
    <div class="pauses" aria-hidden="true">
      <div class="pauses-track">
        {pauses.map(({ startRatio, widthRatio }) => (
          <span
            key={startRatio}
            class="kind-paused"
            style={{ left: `${startRatio * 100}%`, width: `${widthRatio * 100}%` }}
          />
        ))}
      </div>
    </div>
  )
}

/** Scrolls the rows alone, never the page. */
function reveal(
  box: HTMLElement,
  view: { topPx: number; rowHeightPx: number; heightPx: number },
): void {
  const bottomPx = view.topPx + view.rowHeightPx
  if (view.topPx < box.scrollTop) box.scrollTop = view.topPx
  else if (bottomPx > box.scrollTop + view.heightPx) box.scrollTop = bottomPx - view.heightPx
}

function Axis({ totalNs, maxCount }: { totalNs: number; maxCount: number }): VNode {
  return (
    <div class="axis" aria-hidden="true">
      <div class="axis-track">
        {axisTicksNs(totalNs, maxCount).map((ns) => (
          <span
            key={ns}
            class="tick"
            style={{ left: `${totalNs > 0 ? (ns / totalNs) * 100 : 0}%` }}
          >
            {durationText(ns / 1e6)}
          </span>
        ))}
      </div>
    </div>
  )
}
