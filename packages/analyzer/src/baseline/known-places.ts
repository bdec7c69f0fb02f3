import { msFromNs } from '../time/unix-ns.ts'
import type { Counters } from './counters.ts'
import type { History } from './history.ts'
import { type PlacedMs, placedParts } from './history-places.ts'
import type { PlaceMs } from './observation.ts'
import { isSamePlace, MAX_PLACE_COUNT, type PathPlace } from './place.ts'

/** Where only `OTHER_PLACE` may stand: what finds no room is asked for again. It fits a byte. */
const UNKNOWN = MAX_PLACE_COUNT - 1

/** Where places of executions stand in the table of one history, by their lists of all places there may be. */
export class PlaceMemory {
  readonly #known = new WeakMap<readonly PathPlace[], KnownPlaces>()
  /** That of the execution before. */
  #last: KnownPlaces | undefined = undefined

  of(places: readonly PathPlace[]): KnownPlaces {
    if (this.#last?.places === places) return this.#last
    const known = this.#known.get(places) ?? new KnownPlaces(places)
    this.#known.set(places, known)
    this.#last = known
    return known
  }
}

/** Where those of one list stand; a history never moves them. */
export class KnownPlaces {
  readonly places: readonly PathPlace[]
  /** A byte each: with many flows each of them has to be fetched from far. */
  readonly #indices: Uint8Array

  constructor(places: readonly PathPlace[]) {
    this.places = places
    this.#indices = new Uint8Array(places.length).fill(UNKNOWN)
  }

  /** Writes the time of an execution at each of the places where it spent some. O(places). */
  place(placed: PlacedMs, { history, placeNs }: Placing, counters: Counters): void {
    const indices = this.#indices
    let count = 0
    for (let at = 0; at < placeNs.length; at++) {
      // Indices below the lengths.
      const ns = placeNs[at] as number
      if (ns === 0) continue
      const index = indices[at] as number
      if (index === UNKNOWN) {
        this.#learn(placed, { history, placeNs }, counters)
        return
      }
      placed.places[count] = index
      placed.ms[count] = msFromNs(ns)
      count += 1
    }
    placed.count = count
  }

  /** As of an observation; what finds no room is asked for again, and counted each time. */
  #learn(placed: PlacedMs, { history, placeNs }: Placing, counters: Counters): void {
    const found = placedParts(history, partsOf(this.places, placeNs), counters)
    placed.count = found.count
    for (let at = 0; at < found.count; at++) {
      // Indices below the counts.
      const index = found.places[at] as number
      placed.places[at] = index
      placed.ms[at] = found.ms[at] as number
      const known = history.places[index] as PathPlace
      const own = this.places.findIndex((place) => isSamePlace(place, known))
      if (own >= 0) this.#indices[own] = index
    }
  }
}

interface Placing {
  readonly history: History
  readonly placeNs: Float64Array
}

/** The largest first; of equals the one that stands first. */
export function partsOf(places: readonly PathPlace[], placeNs: Float64Array): readonly PlaceMs[] {
  const found: number[] = []
  for (let at = 0; at < placeNs.length; at++) if (placeNs[at] !== 0) found.push(at)
  // Indices below the lengths, as in a list as long.
  const nsAt = (at: number) => placeNs[at] as number
  found.sort((a, b) => nsAt(b) - nsAt(a) || a - b)
  return found.map((at) => ({ place: places[at] as PathPlace, ms: msFromNs(nsAt(at)) }))
}
