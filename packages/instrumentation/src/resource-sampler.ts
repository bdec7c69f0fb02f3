import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

/**
 * Readings closer together than this share one: cpuUsage and the heap statistics cost 1 µs, a step may take 10 µs, and a
 * step shorter than the period gets no figure anyway. docs/evidence/overhead.md has the measurement.
 */
export const SAMPLE_PERIOD_NS = 1_000_000

/** One reading of the process's CPU time and used heap. */
export interface ResourceSample {
  readonly atNs: number
  readonly cpuMicros: number
  readonly heapBytes: number
  /** Collections seen so far; the same number at both ends means none was seen between. */
  readonly gcCount: number
}

/** CPU and heap of the process, read at most once per {@link SAMPLE_PERIOD_NS}. */
export interface ResourceSampler {
  sample(atNs: number): ResourceSample
  /** Used heap after the last major collection; `undefined` before the first. */
  heapAfterGcBytes(): number | undefined
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
  return {
    sample(atNs) {
      if (last !== undefined && atNs - last.atNs < SAMPLE_PERIOD_NS) return last
      const cpu = process.cpuUsage()
      const heapBytes = getHeapStatistics().used_heap_size
      // The observer reports in a later turn of the event loop; a heap that shrank says so at once.
      if (last !== undefined && heapBytes < last.heapBytes) gcCount++
      last = { atNs, cpuMicros: cpu.user + cpu.system, heapBytes, gcCount }
      return last
    },
    heapAfterGcBytes: () => heapAfterGc,
    start: () => observer.observe({ entryTypes: ['gc'] }),
    stop: () => observer.disconnect(),
  }
}

function isMajor(entry: PerformanceEntry): boolean {
  // The detail of a gc entry is documented but untyped.
  const detail = (entry as { detail?: { kind?: number } }).detail
  return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR
}
