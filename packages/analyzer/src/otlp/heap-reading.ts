import {
  METRIC_QFLOW_PROCESS_HEAP_AFTER_GC,
  METRIC_QFLOW_PROCESS_HEAP_LIMIT,
} from '@qflow-otel/semconv'
import { DecodeTally } from './decode-tally.ts'
import type { Attributes, DecodeLosses, Resource } from './span-record.ts'

/** A process as its resource names it; both absent when it names none. */
export interface ProcessName {
  readonly serviceName: string | undefined
  readonly instanceId: string | undefined
}

/** How much heap a process used after a major garbage collection. */
export interface HeapReading {
  readonly process: ProcessName
  readonly unixNs: bigint
  readonly usedBytes: number
  /** The largest heap that it may have; absent when it does not say. */
  readonly limitBytes: number | undefined
}

/** Of metrics only these readings are used; everything else is counted. */
export interface DecodedMetrics extends DecodeLosses {
  readonly pointCount: number
  readonly heaps: readonly HeapReading[]
}

/** A data point of one of the heap's metrics. */
interface HeapPoint {
  readonly unixNs: bigint
  readonly value: number
}

/** Readings that one body may hold; further ones are counted as `heap_reading_count`. A process sends one a minute. */
const MAX_READING_COUNT = 10_000

/** The metrics whose points are looked at. */
export const HEAP_METRICS: readonly string[] = [
  METRIC_QFLOW_PROCESS_HEAP_AFTER_GC,
  METRIC_QFLOW_PROCESS_HEAP_LIMIT,
]

/** Gathers the readings of a body, resource by resource, whatever format carries it. */
export class HeapCollection {
  readonly tally: DecodeTally = new DecodeTally()
  pointCount = 0
  readonly #readings: HeapReading[] = []
  /** Of the resource that is read. */
  #used: HeapPoint[] = []
  #limitBytes: number | undefined

  /** A point without a size from 0 or a time is refused with its place. */
  add(name: string, { unixNs, value }: HeapPoint, place: () => string): void {
    if (!(value >= 0) || value > Number.MAX_SAFE_INTEGER) {
      this.tally.rejectAt(place, 'value', `expected bytes from 0 to 2^53 - 1, found ${value}`)
    } else if (unixNs === 0n) {
      this.tally.rejectAt(place, 'timeUnixNano', 'expected a time, found none')
    } else if (name === METRIC_QFLOW_PROCESS_HEAP_LIMIT) {
      this.#limitBytes = value
    } else if (this.#readings.length + this.#used.length >= MAX_READING_COUNT) {
      this.tally.clip('heap_reading_count')
    } else this.#used.push({ unixNs, value })
  }

  /** The points that came since the last resource are this one's. */
  endResource(resource: () => Resource): void {
    if (this.#used.length > 0) {
      const process = processOf(resource())
      for (const { unixNs, value } of this.#used)
        this.#readings.push({ process, unixNs, usedBytes: value, limitBytes: this.#limitBytes })
    }
    this.#used = []
    this.#limitBytes = undefined
  }

  result(): DecodedMetrics {
    return { pointCount: this.pointCount, heaps: this.#readings, ...this.tally.losses() }
  }
}

/** Its instance id, or what tells it from its neighbours without one: host and process id. */
function processOf({ serviceName, attributes }: Resource): ProcessName {
  const instanceId = textOf(attributes, 'service.instance.id')
  const place = ['host.name', 'process.pid'].flatMap((key) => textOf(attributes, key) ?? [])
  return { serviceName, instanceId: instanceId ?? (place.length > 0 ? place.join(':') : undefined) }
}

function textOf(attributes: Attributes, key: string): string | undefined {
  const value = attributes.get(key)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
