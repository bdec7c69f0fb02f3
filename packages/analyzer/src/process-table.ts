import { type Counters, countOne } from './baseline/counters.ts'
import {
  emptyHeapWatch,
  endHeap,
  type HeapWatch,
  type LeakStep,
  noteHeap,
} from './detect/heap-watch.ts'
import type { HeapReading, ProcessName } from './otlp/heap-reading.ts'
import { durationUnixNs, earlierOf, unixMsFromNs } from './time/unix-ns.ts'

/** A process of the user's and what is known of its memory. Plain data. */
export interface ProcessState {
  readonly tenant: string
  readonly name: ProcessName
  readonly heap: HeapWatch
  /** The last time it was heard of, by our clock. */
  seenUnixNs: bigint
}

/** What happened to the memory of a process. */
export interface ProcessStep {
  readonly process: ProcessState
  readonly step: LeakStep
}

/** Processes of all tenants; those beyond are counted as `process_limit`. */
const MAX_PROCESS_COUNT = 256
/** A process that says nothing for an hour is gone: it would have sent sixty times. */
const SILENT_MS = 3_600_000

/** Takes sizes of heaps as they came; returns what they changed. What is older than the last is counted as `heap_reading_late`. */
export function noteHeaps(
  processes: ProcessState[],
  readings: readonly HeapReading[],
  at: { readonly tenant: string; readonly nowUnixNs: bigint; readonly counters: Counters },
): ProcessStep[] {
  return readings.flatMap((reading) => {
    const process = processOf(processes, reading.process, at)
    if (process === undefined) return []
    process.seenUnixNs = at.nowUnixNs
    const { heap } = process
    // A clock that is ahead must not make all later readings late.
    const unixMs = unixMsFromNs(earlierOf(reading.unixNs, at.nowUnixNs))
    if (heap.last !== undefined && unixMs <= heap.last.unixMs) {
      countOne(at.counters, 'heap_reading_late')
      return []
    }
    heap.limitBytes = reading.limitBytes ?? heap.limitBytes
    const step = noteHeap(heap, { unixMs, bytes: reading.usedBytes })
    return step === undefined ? [] : [{ process, step }]
  })
}

/** Lets go of processes that are gone; returns what ended with them. */
export function forgetSilent(processes: ProcessState[], nowUnixNs: bigint): ProcessStep[] {
  const sinceUnixNs = nowUnixNs - durationUnixNs(SILENT_MS)
  const gone = processes.filter(({ seenUnixNs }) => seenUnixNs < sinceUnixNs)
  if (gone.length === 0) return []
  const left = processes.filter(({ seenUnixNs }) => seenUnixNs >= sinceUnixNs)
  processes.splice(0, processes.length, ...left)
  return gone.flatMap((process) => {
    const step = endHeap(process.heap, unixMsFromNs(nowUnixNs))
    return step === undefined ? [] : [{ process, step }]
  })
}

function processOf(
  processes: ProcessState[],
  name: ProcessName,
  { tenant, nowUnixNs, counters }: Parameters<typeof noteHeaps>[2],
): ProcessState | undefined {
  const known = processes.find(
    (one) =>
      one.tenant === tenant &&
      one.name.serviceName === name.serviceName &&
      one.name.instanceId === name.instanceId,
  )
  if (known !== undefined) return known
  if (processes.length >= MAX_PROCESS_COUNT) {
    countOne(counters, 'process_limit')
    return undefined
  }
  const fresh = { tenant, name, heap: emptyHeapWatch(), seenUnixNs: nowUnixNs }
  processes.push(fresh)
  return fresh
}
