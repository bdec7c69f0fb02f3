import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { HeapReading } from '@qflow-otel/analyzer'
import type { FaultGuard } from './fault-guard.ts'
import type { Runtime } from './runtime.ts'

/** How much heap this process uses after its major garbage collections. */
export interface OwnHeap {
  /** The size after the last collection, once. */
  take(): HeapReading | undefined
  close(): void
}

/** Listens to the garbage collector, which costs nothing that could be measured; what goes wrong there stays inside. */
export function watchOwnHeap({
  runtime,
  guard,
}: {
  readonly runtime: Runtime
  readonly guard: FaultGuard
}): OwnHeap {
  let newest: HeapReading | undefined
  const observer = new PerformanceObserver((list) => {
    guard.run('reading memory', () => {
      if (list.getEntries().some(isMajor)) newest = reading(runtime.unixNs())
    })
  })
  observer.observe({ entryTypes: ['gc'] })
  return {
    take() {
      const taken = newest
      newest = undefined
      return taken
    },
    close: () => observer.disconnect(),
  }
}

function reading(unixNs: bigint): HeapReading {
  const { used_heap_size, heap_size_limit } = getHeapStatistics()
  return {
    // What the service is called only spans know, and there may be none.
    process: { serviceName: undefined, instanceId: `pid ${process.pid}` },
    unixNs,
    usedBytes: used_heap_size,
    limitBytes: heap_size_limit,
  }
}

function isMajor(entry: PerformanceEntry): boolean {
  // The detail of a gc entry is documented but untyped.
  const detail = (entry as { detail?: { kind?: number } }).detail
  return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR
}
