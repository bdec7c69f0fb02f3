import { type Counters, countOne } from './counters.ts'
import type { History } from './history.ts'
import { columnCount, columnsOf, type HistoryEntry, writeEvidence } from './history-entry.ts'
import { listOf } from './list-of.ts'
import type { PlaceMs } from './observation.ts'
import { isSamePlace, MAX_PLACE_COUNT, OTHER_PLACE, type PathPlace } from './place.ts'
import type { RunTable } from './run-table.ts'

/** ms by index in a history's table of places: the first `count` of each list. */
export interface PlacedMs {
  count: number
  readonly places: number[]
  readonly ms: number[]
}

/** Looks places up in the history's table; those that are new to it are added in this order, as far as there is room. */
export function placedParts(
  { places }: Pick<History, 'places'>,
  parts: readonly PlaceMs[],
  counters: Counters,
): PlacedMs {
  const count = parts.length
  const placed = { count, places: new Array<number>(count), ms: listOf(count) }
  let next = 0
  for (let at = 0; at < count; at++) {
    // An index below the length.
    const { place, ms } = parts[at] as PlaceMs
    // Mostly it follows the one before.
    const index = places[next] === place ? next : indexOfPlace(places, place, counters)
    placed.places[at] = index
    placed.ms[at] = ms
    next = index + 1
  }
  return placed
}

/** What an entry keeps of where time passed, what would have been saved, and of its runs: see `HistoryEntry.figures`. */
export function entryFigures({
  parts,
  saved,
  runs,
}: {
  readonly parts: PlacedMs
  readonly saved: PlacedMs
  readonly runs: RunTable
}): Pick<HistoryEntry, 'partCount' | 'columns' | 'figures'> {
  const partCount = lengthFor(parts)
  const evidenceAt = partCount + 2 * saved.count
  const columns = columnsOf(runs)
  const figures = listOf(evidenceAt + columnCount(columns) * runs.steps.length)
  figures.fill(0, 0, partCount)
  for (let at = 0; at < parts.count; at++) {
    // Indices below the counts, here and below.
    const place = parts.places[at] as number
    figures[place] = (figures[place] as number) + (parts.ms[at] as number)
  }
  for (let at = 0; at < saved.count; at++) {
    figures[partCount + 2 * at] = saved.places[at] as number
    figures[partCount + 2 * at + 1] = saved.ms[at] as number
  }
  writeEvidence(figures, runs, { columns, at: evidenceAt })
  return { partCount, columns, figures }
}

/** How many places there are up to the last of these. */
function lengthFor({ count, places }: PlacedMs): number {
  let length = 0
  for (let at = 0; at < count; at++) {
    // An index below the count.
    const index = places[at] as number
    if (index >= length) length = index + 1
  }
  return length
}

function indexOfPlace(places: PathPlace[], place: PathPlace, counters: Counters): number {
  // Executions of the same spans name their places by the same objects.
  const known = places.indexOf(place)
  if (known >= 0) return known
  for (let index = 0; index < places.length; index++) {
    // An index below the length.
    if (!isSamePlace(places[index] as PathPlace, place)) continue
    // The next of these spans finds its own object again.
    places[index] = place
    return index
  }
  if (places.length < MAX_PLACE_COUNT - 1) return places.push(place) - 1
  countOne(counters, 'series_limit')
  const other = places.findIndex((one) => one.stepId === OTHER_PLACE.stepId)
  return other >= 0 ? other : places.push(OTHER_PLACE) - 1
}
