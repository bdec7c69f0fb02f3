import type { PathSegment } from '@qflow-otel/analyzer'
import { duration } from '../../text/quantity.ts'
import { visible } from '../../text/visible.ts'
import { clipped } from '../../text/width.ts'
import type { DrawnExecution } from '../drawn-execution.ts'
import { waitedFor } from '../path-words.ts'
import { element, type Markup, text } from './markup.ts'
import { type Scale, SHEET } from './sheet.ts'

/** A thinner tile could not be told from its neighbours; it is drawn with those after it. */
const LEAST_TILE_PX = 3
/** A column of a tile's text, generously: letters differ in width. */
const COLUMN_PX = 6.6
const TEXT_MARGIN_PX = 6
const LEAST_TEXT_PX = 44

interface Tile {
  readonly name: string
  readonly startNs: number
  readonly endNs: number
}

/** The critical path in one line: what was waited for, one after the other. */
export function strip(report: DrawnExecution, scale: Scale): readonly Markup[] {
  const tiles = tilesOf(report, scale)
  if (tiles.length === 0) return []
  const middle = SHEET.stripY + SHEET.stripHeight / 2 + 4
  const label = element(
    'text',
    { class: 'muted', x: SHEET.margin, y: middle },
    text('critical path'),
  )
  return [label, ...tiles.map((tile) => drawnTile(tile, scale, middle))]
}

function drawnTile({ name, startNs, endNs }: Tile, { x }: Scale, middle: number): Markup {
  const left = x(startNs)
  // A hair between two tiles, so that each is seen.
  const width = Math.max(1, x(endNs) - left - 1)
  const time = duration((endNs - startNs) / 1e6)
  const columns = Math.floor((width - 2 * TEXT_MARGIN_PX) / COLUMN_PX)
  const box = { class: 'path', x: left, y: SHEET.stripY, width, height: SHEET.stripHeight, rx: 2 }
  const words = width < LEAST_TEXT_PX ? [] : [clipped(visible(`${name} ${time}`), columns)]
  return element(
    'g',
    {},
    element('title', {}, text(`waiting for ${name}: ${time}`)),
    element('rect', box),
    ...words.map((shown) =>
      element('text', { class: 'on-path', x: left + TEXT_MARGIN_PX, y: middle }, text(shown)),
    ),
  )
}

/** Neighbours that are too thin are one tile, named after the longest of them. */
function tilesOf({ path, execution }: DrawnExecution, { x }: Scale): readonly Tile[] {
  const tiles: Tile[] = []
  let open: PathSegment[] = []
  const close = () => {
    const [first] = open
    const last = open.at(-1)
    if (first === undefined || last === undefined) return
    const longest = open.reduce((a, b) => (b.endNs - b.startNs > a.endNs - a.startNs ? b : a))
    const name = waitedFor(longest, execution.spans)
    if (name !== undefined) tiles.push({ name, startNs: first.startNs, endNs: last.endNs })
    open = []
  }
  for (const segment of path) {
    const isWide = x(segment.endNs) - x(segment.startNs) >= LEAST_TILE_PX
    // What is wide stands alone; thin ones wait for each other.
    if (isWide) close()
    open.push(segment)
    if (x(segment.endNs) - x(open[0]?.startNs ?? 0) >= LEAST_TILE_PX) close()
  }
  close()
  return tiles
}
