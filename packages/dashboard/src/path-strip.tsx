import type { VNode } from 'preact'
import { durationText } from './format.ts'
import { timeKindLabel } from './phase.ts'
import { visibleText } from './visible-text.ts'
import { type PathTile, pathTiles, totalNsOf } from './waterfall-layout.ts'
import type { ExecutionAnswer } from './wire.ts'

/** Some two pixels of a wide screen: thinner tiles could not be told apart. */
const smallestTileRatio = 0.002

/** The critical path from end to end, as tiles without a gap. */
export function PathStrip({ report }: { report: ExecutionAnswer }): VNode {
  const tiles = pathTiles(report, {
    totalNs: totalNsOf(report),
    smallestRatio: smallestTileRatio,
  })
  return (
    <div class="path-strip" role="img" aria-label="The critical path over time">
      {tiles.map((tile) => (
        <span
          key={tile.startNs}
          class={`tile kind-${tile.kind}`}
          title={tileText(tile)}
          style={{ left: `${tile.startRatio * 100}%`, width: `${tile.widthRatio * 100}%` }}
        />
      ))}
    </div>
  )
}

function tileText({ stepId, kind, startNs, endNs, segmentCount }: PathTile): string {
  const place = stepId === undefined ? [] : [visibleText(stepId, 60)]
  const others = segmentCount > 1 ? [`${segmentCount} segments, mostly this`] : []
  return [...place, timeKindLabel(kind), durationText((endNs - startNs) / 1e6), ...others].join(
    ' · ',
  )
}
