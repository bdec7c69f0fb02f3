import { performance } from 'node:perf_hooks'
import type { HrTime } from '@opentelemetry/api'

/**
 * Beyond this the wall clock was set between the start of the process and now (a resumed container, a late NTP step), and
 * the process's own origin would place spans beside those of other libraries. 50 ms is far above the resolution of `Date.now`.
 */
const TOLERATED_DRIFT_MS = 50

/**
 * Readings begin here. V8 keeps whole numbers below 2^31 in another representation, so that code which had seen only readings
 * from the first two seconds of a process would be compiled for those and be thrown away, all at once, when they are over.
 */
const FIRST_SECOND = 3

interface Anchor {
  readonly seconds: number
  readonly nanos: number
}

const anchor = anchorOnce()

/** The process's monotonic clock: whole ns since {@link FIRST_SECOND} before its time origin, exact for 104 days. */
export function nowNs(): number {
  return Math.round(performance.now() * 1e6) + FIRST_SECOND * 1e9
}

/** A reading of {@link nowNs} as wall-clock time; every time of a span comes from here, so that differences are exact. */
export function toHrTime(ns: number): HrTime {
  const total = anchor.nanos + ns
  const seconds = Math.floor(total / 1e9)
  return [anchor.seconds + seconds, total - seconds * 1e9]
}

/** Length in seconds, the unit of every duration attribute and metric; readers round back to ns, exactly up to 2^51 ns, 26 days. */
export function toSeconds(ns: number): number {
  return ns / 1e9
}

function anchorOnce(): Anchor {
  const elapsedMs = performance.now()
  const isOriginSound =
    Math.abs(performance.timeOrigin + elapsedMs - Date.now()) <= TOLERATED_DRIFT_MS
  const originMs = isOriginSound ? performance.timeOrigin : Date.now() - elapsedMs
  const wholeMs = Math.floor(originMs)
  const seconds = Math.floor(wholeMs / 1000)
  const nanos = (wholeMs - seconds * 1000) * 1e6 + Math.floor((originMs - wholeMs) * 1e6)
  return { seconds: seconds - FIRST_SECOND, nanos }
}
