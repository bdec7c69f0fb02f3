import type { HistoryEntry } from '../../baseline/history-entry.ts'
import type { ClosedBucket } from '../../baseline/traffic.ts'
import { hashText, uniformFrom } from '../../stats/hash-uniform.ts'
import { unixMsFromNs } from '../../time/unix-ns.ts'
import type { SeriesInput } from '../level/level-series.ts'

/** What all series share of an execution or bucket. */
export interface Moment {
  readonly seed: number
  readonly sequence: number
  readonly unixMs: number
}

/** What all series share of an execution: it comes when it ends. */
export function momentOf(
  { executionId, endUnixNs }: Pick<HistoryEntry, 'executionId' | 'endUnixNs'>,
  sequence: number,
): Moment {
  return { seed: hashText(executionId), sequence, unixMs: unixMsFromNs(endUnixNs) }
}

/** Of a bucket of traffic, which takes the place of an execution in its series. */
export function bucketMoment({ number, position }: ClosedBucket, widthMs: number): Moment {
  return { seed: hashText(String(number)), sequence: position, unixMs: number * widthMs }
}

/** One value for one series; `stream` tells apart the ties of series that have the same moment. */
export function inputOf(
  { seed, sequence, unixMs }: Moment,
  stream: number,
  value: number,
): SeriesInput {
  return { value, uniform: uniformFrom(seed, stream), sequence, unixMs }
}
