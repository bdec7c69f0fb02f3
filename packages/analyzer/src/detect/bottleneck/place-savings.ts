import type { History } from '../../baseline/history.ts'
import type { HistoryEntry } from '../../baseline/history-entry.ts'
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
  const phases: PlaceSaving[] = []
  const spans: PlaceSaving[] = []
  for (const one of allSavings(history, entries).sort(byShare)) {
    const isSpan = one.place.spanName !== undefined && one.place.phase !== undefined
    if (isSpan) spans.push(one)
    else phases.push(one)
  }
  return told(phases).map((phase) => {
    const main = spans.find(({ place }) => isSamePhase(place, phase.place))
    const covers = main && main.savedMs.value >= SPAN_COVERS_RATIO * phase.savedMs.value
    return covers ? { ...phase, place: main.place } : phase
  })
}

function byShare(a: PlaceSaving, b: PlaceSaving): number {
  return b.speedup.value - a.speedup.value
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

/**
 * What `ratioInterval` and `meanInterval` say of each place's savings, 0 where it has none, in two passes over the
 * savings there are: a place is in few executions, and rows full of zeros cost more than all else here.
 * O(savings + places); the test keeps the literal form.
 */
function allSavings(history: History, entries: readonly HistoryEntry[]): PlaceSaving[] {
  const n = entries.length
  let wholeMs = 0
  let wholeSquares = 0
  for (const { durationMs } of entries) {
    wholeMs += durationMs
    wholeSquares += durationMs ** 2
  }
  if (n < 2 || wholeMs <= 0) return []
  const sums = placeSums(history, entries, wholeMs)
  const halfFactor = studentT95(n - 1) / Math.sqrt((n - 1) * n)
  const found: PlaceSaving[] = []
  for (let index = 0; index < history.places.length; index++) {
    const at = SUM_COUNT * index
    // Indices below the lengths.
    const count = sums[at + COUNT] as number
    if (count === 0) continue
    const savedMs = sums[at + SAVED_MS] as number
    const ratio = savedMs / wholeMs
    const meanMs = savedMs / n
    // With every execution counted the difference is exactly 0: both sums went the same way.
    const restSquares = wholeSquares - (sums[at + WHOLE_SQUARES] as number)
    const ratioSquares = (sums[at + RATIO_SQUARES] as number) + ratio ** 2 * restSquares
    const meanSquares = (sums[at + MEAN_SQUARES] as number) + (n - count) * meanMs ** 2
    const ratioHalf = (halfFactor * Math.sqrt(ratioSquares)) / (wholeMs / n)
    found.push({
      place: history.places[index] as PathPlace,
      speedup: around(ratio, ratioHalf, n),
      savedMs: around(meanMs, halfFactor * Math.sqrt(meanSquares), n),
    })
  }
  return found
}

/** What is summed of each place over the executions in which it was re-simulated; in the others it was too small and saved nothing. */
const SUM_COUNT = 5
const COUNT = 0
const SAVED_MS = 1
/** Squared durations, in ms². */
const WHOLE_SQUARES = 2
/** Squared deviations of the saving: from its share of the duration, and from its mean. */
const RATIO_SQUARES = 3
const MEAN_SQUARES = 4

/** All of it in one list, which nobody has to allocate a number for: this runs every tenth execution of each flow. */
function placeSums(
  { places }: History,
  entries: readonly HistoryEntry[],
  wholeMs: number,
): Float64Array {
  const n = entries.length
  const sums = new Float64Array(SUM_COUNT * places.length)
  // Positions below the lengths, but for a place that is not in the table, of which nothing is kept.
  for (const { durationMs, partCount, savingCount = 0, figures } of entries) {
    const end = partCount + 2 * savingCount
    for (let from = partCount; from < end; from += 2) {
      const at = SUM_COUNT * (figures[from] as number)
      sums[at + COUNT] = (sums[at + COUNT] as number) + 1
      sums[at + SAVED_MS] = (sums[at + SAVED_MS] as number) + (figures[from + 1] as number)
      sums[at + WHOLE_SQUARES] = (sums[at + WHOLE_SQUARES] as number) + durationMs ** 2
    }
  }
  for (const { durationMs, partCount, savingCount = 0, figures } of entries) {
    const end = partCount + 2 * savingCount
    for (let from = partCount; from < end; from += 2) {
      const at = SUM_COUNT * (figures[from] as number)
      const ms = figures[from + 1] as number
      const savedMs = sums[at + SAVED_MS] as number
      const besideRatio = ms - (savedMs / wholeMs) * durationMs
      sums[at + RATIO_SQUARES] = (sums[at + RATIO_SQUARES] as number) + besideRatio ** 2
      sums[at + MEAN_SQUARES] = (sums[at + MEAN_SQUARES] as number) + (ms - savedMs / n) ** 2
    }
  }
  return sums
}

function around(value: number, half: number, n: number): Interval {
  return { value, low: value - half, high: value + half, n }
}
