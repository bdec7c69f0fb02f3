import type { History } from '../../baseline/history.ts'
import { type HistoryEntry, visitSavings } from '../../baseline/history-entry.ts'
import { isOverall, isSamePhase, type PathPlace, SPAN_COVERS_RATIO } from '../../baseline/place.ts'
import { type Interval, studentT95 } from '../../stats/mean-interval.ts'

/** What these executions would have saved had the place taken no time. */
export interface PlaceSaving {
  readonly place: PathPlace
  /** Share of their duration. */
  readonly speedup: Interval
  readonly savedMs: Interval
}

/** A step that makes up this share of a phase over all steps is where it passes; else the phase itself is the place. */
const STEP_COVERS_RATIO = 0.5

/** One per phase, the largest first; it names a kind of span where that makes up most of the phase. */
export function placeSavings(history: History, entries: readonly HistoryEntry[]): PlaceSaving[] {
  const all = allSavings(history, entries).sort((a, b) => b.speedup.value - a.speedup.value)
  const spans = all.filter(({ place }) => place.spanName !== undefined && place.phase !== undefined)
  return told(all.filter((one) => !spans.includes(one))).map((phase) => {
    const main = spans.find(({ place }) => isSamePhase(place, phase.place))
    const covers = main && main.savedMs.value >= SPAN_COVERS_RATIO * phase.savedMs.value
    return covers ? { ...phase, place: main.place } : phase
  })
}

/** A phase is told once: over all steps, or of the step in which most of it passes and of those that pass beside it. */
function told(phases: readonly PlaceSaving[]): PlaceSaving[] {
  return phases.filter((one) => {
    const isOne = isOverall(one.place)
    const whole = isOne
      ? one
      : phases.find((other) => isOverall(other.place) && other.place.phase === one.place.phase)
    if (whole === undefined) return true
    const parts = phases.filter(({ place }) => !isOverall(place) && place.phase === one.place.phase)
    const isCovered = parts.some(
      (part) => part.savedMs.value >= STEP_COVERS_RATIO * whole.savedMs.value,
    )
    return isOne ? !isCovered : isCovered
  })
}

/** Sums over the executions in which a place was re-simulated; in the others it was too small and saved nothing. */
interface Sums {
  readonly place: PathPlace
  count: number
  savedMs: number
  /** Squared durations of the executions that count, in ms². */
  durationSquares: number
  /** Squared deviations, of the saving from its share of the duration and from its mean. */
  ratioSquares: number
  meanSquares: number
}

/**
 * What `ratioInterval` and `meanInterval` say of each place's savings, 0 where it has none, in two passes over the
 * savings there are: a place is in few executions, and rows full of zeros cost more than all else here.
 * O(savings); the test keeps the literal form.
 */
function allSavings(history: History, entries: readonly HistoryEntry[]): PlaceSaving[] {
  const n = entries.length
  let durationMs = 0
  let durationSquares = 0
  const rows: (Sums | undefined)[] = []
  for (const entry of entries) {
    durationMs += entry.durationMs
    durationSquares += entry.durationMs ** 2
    visitSavings(entry, (index, ms) => {
      const place = history.places[index]
      if (place === undefined) return
      rows[index] ??= emptySums(place)
      const row = rows[index]
      row.count += 1
      row.savedMs += ms
      row.durationSquares += entry.durationMs ** 2
    })
  }
  if (n < 2 || durationMs <= 0) return []
  for (const entry of entries) {
    visitSavings(entry, (index, ms) => {
      const row = rows[index]
      if (row === undefined) return
      row.ratioSquares += (ms - (row.savedMs / durationMs) * entry.durationMs) ** 2
      row.meanSquares += (ms - row.savedMs / n) ** 2
    })
  }
  const halfFactor = studentT95(n - 1) / Math.sqrt((n - 1) * n)
  return rows.flatMap((row) => {
    if (row === undefined) return []
    const ratio = row.savedMs / durationMs
    const meanMs = row.savedMs / n
    // With every execution counted the difference is exactly 0: both sums went the same way.
    const ratioSquares = row.ratioSquares + ratio ** 2 * (durationSquares - row.durationSquares)
    const meanSquares = row.meanSquares + (n - row.count) * meanMs ** 2
    const ratioHalf = (halfFactor * Math.sqrt(ratioSquares)) / (durationMs / n)
    const meanHalf = halfFactor * Math.sqrt(meanSquares)
    return [
      {
        place: row.place,
        speedup: around(ratio, ratioHalf, n),
        savedMs: around(meanMs, meanHalf, n),
      },
    ]
  })
}

function emptySums(place: PathPlace): Sums {
  return { place, count: 0, savedMs: 0, durationSquares: 0, ratioSquares: 0, meanSquares: 0 }
}

function around(value: number, half: number, n: number): Interval {
  return { value, low: value - half, high: value + half, n }
}
