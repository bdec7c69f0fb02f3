import type { VNode } from 'preact'
import { durationText, percentText } from './format.ts'
import { timeKindLabel } from './phase.ts'
import { visibleText } from './visible-text.ts'
import type { PathTile } from './waterfall-layout.ts'

/** The critical path from end to end, as tiles without a gap. Of a tile that is several kinds of time each has its part of the height. */
export function PathStrip({ tiles }: { tiles: readonly PathTile[] }): VNode {
  return (
    <div class="path-strip" role="img" aria-label="The critical path over time">
      {tiles.map((tile) => (
        <span
          key={tile.startNs}
          class="tile"
          title={tileText(tile)}
          style={{ left: `${tile.startRatio * 100}%`, width: `${tile.widthRatio * 100}%` }}
        >
          {tile.parts.map(({ kind, ratio }) => (
            <span key={kind} class={`part kind-${kind}`} style={{ height: `${ratio * 100}%` }} />
          ))}
        </span>
      ))}
    </div>
  )
}

function tileText({ stepId, parts, startNs, endNs, segmentCount }: PathTile): string {
  const place = stepId === undefined ? [] : [visibleText(stepId, 60)]
  const kinds = parts.map(({ kind, ratio }) =>
    parts.length === 1 ? timeKindLabel(kind) : `${timeKindLabel(kind)} ${percentText(ratio)}`,
  )
  const others = segmentCount > 1 ? [`${segmentCount} segments, mostly of this place`] : []
  const duration = durationText((endNs - startNs) / 1e6)
  return [...place, kinds.join(', '), duration, ...others].join(' · ')
}
