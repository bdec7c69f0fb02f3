/** How many executions ended in each bucket of time. Plain data. */
export interface Traffic {
  /** Width of a bucket; 0 while it is not chosen. */
  widthMs: number
  /** Executions were sampled and nobody knows how: nothing is counted any more. */
  isUnknown: boolean
  /** Number of the open bucket since 1970. */
  bucket: number
  /** Executions that ended in it so far, each for as many as it stands for. */
  openWeight: number
  /** Judged executions that entered before it. */
  openPosition: number
  /** Empty buckets since the last that was not. */
  emptyCount: number
  /** Buckets that were ever closed. */
  closedCount: number
  /** The last that were, the oldest first. */
  readonly closed: ClosedBucket[]
}

/** What ended in one stretch of time, which is over. */
export interface ClosedBucket {
  /** Since 1970. */
  readonly number: number
  readonly weight: number
  /** Judged executions of the flow that entered before it. */
  readonly position: number
}

/** From a batch job's seconds to a night's one. The first of them in which enough executions end is the width. */
const WIDTHS_MS = [10_000, 60_000, 300_000, 3_600_000, 86_400_000]
/** Fewer in a bucket say next to nothing each. */
const MIN_MEAN_COUNT = 4
/** Two weeks of the widest buckets, and enough for the window of any verdict. */
const MAX_CLOSED_COUNT = 128
/** After so many empty buckets in a row none is closed until an execution ends again: a longer silence says no more. */
const MAX_EMPTY_COUNT = 64

export function noTraffic(): Traffic {
  return {
    widthMs: 0,
    isUnknown: false,
    bucket: 0,
    openWeight: 0,
    openPosition: 0,
    emptyCount: 0,
    closedCount: 0,
    closed: [],
  }
}

/** The width for so many executions per ms; 0 for a flow too rare for any. */
export function bucketWidthMs(ratePerMs: number): number {
  return WIDTHS_MS.find((widthMs) => widthMs * ratePerMs >= MIN_MEAN_COUNT) ?? 0
}

/** Begins with buckets of this width, the first whole one after `unixMs`. */
export function openTraffic(
  traffic: Traffic,
  at: { readonly widthMs: number; readonly unixMs: number; readonly position: number },
): void {
  traffic.widthMs = at.widthMs
  traffic.closed.length = 0
  reopen(traffic, at)
}

/** Continues with the first whole bucket after `unixMs`: nobody counted what ended before. */
function reopen(
  traffic: Traffic,
  { unixMs, position }: { readonly unixMs: number; readonly position: number },
): void {
  traffic.bucket = Math.floor(unixMs / Math.max(1, traffic.widthMs)) + 1
  traffic.openWeight = 0
  traffic.openPosition = position
  traffic.emptyCount = 0
}

/** Whether the open bucket is over at a time by which all that ended in it has entered. */
export function isDue({ widthMs, bucket, emptyCount }: Traffic, unixMs: number): boolean {
  return widthMs > 0 && (bucket + 1) * widthMs <= unixMs && emptyCount < MAX_EMPTY_COUNT
}

/** Counts an execution when all buckets before its end are closed; one that ended before the open bucket counts nowhere. */
export function noteEnded(
  traffic: Traffic,
  at: { readonly unixMs: number; readonly weight: number; readonly position: number },
): void {
  const { widthMs, bucket } = traffic
  if (widthMs === 0 || at.unixMs < bucket * widthMs) return
  if (at.unixMs < (bucket + 1) * widthMs) traffic.openWeight += at.weight
  else reopen(traffic, at)
}

/** Nobody saw what ended while the analyzer was not there: longer than this is a gap, and no silence of the flow. */
const GAP_MS = 60_000

/** Goes on counting where the clock is after a restart; what was missed says nothing. */
export function resumeTraffic(
  traffic: Traffic,
  at: { readonly unixMs: number; readonly position: number },
): void {
  const { widthMs, bucket } = traffic
  const missedMs = at.unixMs - (bucket + 1) * widthMs
  if (widthMs > 0 && missedMs > Math.max(GAP_MS, widthMs)) reopen(traffic, at)
}

/** From now on nothing is counted. */
export function stopCounting(traffic: Traffic): void {
  traffic.isUnknown = true
  traffic.widthMs = 0
}

/** Closes the open bucket and opens the next. */
export function closeBucket(traffic: Traffic, position: number): ClosedBucket {
  const { bucket, openWeight, openPosition, closed } = traffic
  const done = { number: bucket, weight: openWeight, position: openPosition }
  closed.push(done)
  if (closed.length > MAX_CLOSED_COUNT) closed.shift()
  traffic.closedCount += 1
  traffic.emptyCount = openWeight === 0 ? traffic.emptyCount + 1 : 0
  traffic.bucket += 1
  traffic.openWeight = 0
  traffic.openPosition = position
  return done
}
