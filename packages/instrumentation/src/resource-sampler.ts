import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { nowNs } from './clock.ts'

/**
 * Marks closer together than this share one: cpuUsage and the heap statistics cost 1 µs, a step may take 10 µs, and a step
 * shorter than the period gets no figure anyway. docs/evidence/overhead.md has the measurement.
 */
export const SAMPLE_PERIOD_NS = 1_000_000

/** CPU time and used heap of the process at one instant, as far as they are known by the next reading. */
export interface ResourceSample {
  readonly atNs: number
  /** The reading that gave the figures; two samples of one reading have no heap growth between them. 0 before there was one. */
  reading: number
  cpuMicros: number
  heapBytes: number
  /** Collections seen so far; the same number at both ends means none was seen between. */
  gcCount: number
}

/**
 * CPU and heap of the process. Reading them takes a step that comes back from waiting 10 µs, so an instant is only marked, and
 * read when the host waits. Until then its thread has been busy all along, since it does not wait inside a turn of the event
 * loop: its CPU time then was the time of the reading less what has passed. Where it was held up instead, the step that ends
 * there has less and its successor in the same turn more; the sum is that of the readings.
 */
export interface ResourceSampler {
  /** Its figures are there after the next {@link ResourceSampler.read}. */
  mark(atNs: number): ResourceSample
  /** Reads for all marks of this turn, unless that was done; at its end at the latest. */
  read(): void
  /** Used heap after the last major collection; `undefined` before the first. */
  heapAfterGcBytes(): number | undefined
  /** Largest heap that V8 will have. */
  heapLimitBytes(): number
  /** Listens to the garbage collector. */
  start(): void
  stop(): void
}

export function createResourceSampler(): ResourceSampler {
  let gcCount = 0
  let heapAfterGc: number | undefined
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      gcCount++
      if (isMajor(entry)) heapAfterGc = getHeapStatistics().used_heap_size
    }
  })
  let last: ResourceSample | undefined
  let reading = 0
  let cpuMicros = 0
  let heapBytes = 0
  const unread: ResourceSample[] = []
  return {
    mark(atNs) {
      if (last !== undefined && atNs - last.atNs < SAMPLE_PERIOD_NS) return last
      last = { atNs, reading: 0, cpuMicros: 0, heapBytes: 0, gcCount: 0 }
      unread.push(last)
      return last
    },
    read() {
      if (unread.length === 0) return
      const { user, system } = process.cpuUsage()
      const readNs = nowNs()
      const { used_heap_size } = getHeapStatistics()
      // The observer reports in a later turn of the event loop; a heap that shrank says so at once.
      if (used_heap_size < heapBytes) gcCount++
      heapBytes = used_heap_size
      reading++
      for (const sample of unread) {
        const thenMicros = Math.round(user + system - (readNs - sample.atNs) / 1_000)
        cpuMicros = Math.max(cpuMicros, thenMicros)
        sample.reading = reading
        sample.cpuMicros = cpuMicros
        sample.heapBytes = heapBytes
        sample.gcCount = gcCount
      }
      unread.length = 0
    },
    heapAfterGcBytes: () => heapAfterGc,
    heapLimitBytes: () => getHeapStatistics().heap_size_limit,
    start: () => observer.observe({ entryTypes: ['gc'] }),
    stop: () => observer.disconnect(),
  }
}

function isMajor(entry: PerformanceEntry): boolean {
  // The detail of a gc entry is documented but untyped.
  const detail = (entry as { detail?: { kind?: number } }).detail
  return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR
}
