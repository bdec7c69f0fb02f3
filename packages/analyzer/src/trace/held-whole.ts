import { hashText } from '../stats/hash-uniform.ts'
import type { CloseReason } from './execution.ts'
import {
  EXECUTION_BASE_BYTES,
  type HeldExecution,
  type HeldTrace,
  newExecution,
  newTrace,
  TRACE_BASE_BYTES,
} from './held.ts'
import { joinTrace } from './held-execution.ts'
import type { HeldQueue } from './held-queues.ts'
import { NO_NUMBER } from './known-ids.ts'
import { firstOwnStartOf, type LaidSpans, laidBytes } from './laid-spans.ts'
import { NO_PLACE } from './placed-queue.ts'

/**
 * An execution that came whole and was laid at once. Nearly all are nothing else from their arrival until they are let go of: an
 * execution and a trace as they are held else, with a set in each that leads to the other, are made of it for whoever asks.
 */
export class HeldWhole {
  readonly tenant: string
  readonly laid: LaidSpans
  /** Of the ids, by `hashText`. */
  readonly executionHash: number
  readonly traceHash: number
  readonly lastSegment: HeldExecution['lastSegment']
  /** What its spans weigh, held one by one. */
  readonly spansBytes: number
  readonly lastActivityUnixNs: bigint
  /** Among the known ids. */
  executionNumber: number = NO_NUMBER
  traceNumber: number = NO_NUMBER
  queue: HeldQueue | undefined = undefined
  place: number = NO_PLACE
  endedPlace: number = NO_PLACE
  closeReason: CloseReason | undefined = undefined
  /** Absent while it is open. */
  closedUnixNs: bigint | undefined = undefined

  constructor({
    tenant,
    laid,
    lastSegment,
    spansBytes,
    nowUnixNs,
  }: Pick<HeldWhole, 'tenant' | 'laid' | 'lastSegment' | 'spansBytes'> & {
    readonly nowUnixNs: bigint
  }) {
    this.tenant = tenant
    this.laid = laid
    // As integers with a sign, since larger ones would be objects of their own.
    this.executionHash = hashText(laid.executionId) | 0
    this.traceHash = hashText(laid.traceId) | 0
    this.lastSegment = lastSegment
    this.spansBytes = spansBytes
    this.lastActivityUnixNs = nowUnixNs
  }

  get executionId(): string {
    return this.laid.executionId
  }

  get traceId(): string {
    return this.laid.traceId
  }

  /** What it weighs while it is held: as it will be unpacked until it is closed, as it is laid then. */
  get bytes(): number {
    const bytes = this.closedUnixNs === undefined ? this.spansBytes : laidBytes(this.laid)
    return EXECUTION_BASE_BYTES + TRACE_BASE_BYTES + bytes
  }
}

/** The same, held as what came span by span and is not yet unpacked. */
export function heldApart(whole: HeldWhole): {
  readonly execution: HeldExecution
  readonly trace: HeldTrace
} {
  const { tenant, laid, spansBytes, lastActivityUnixNs, closedUnixNs } = whole
  const execution = newExecution(tenant, laid.executionId, whole.executionHash)
  const trace = newTrace(tenant, laid.traceId, whole.traceHash)
  joinTrace(execution, trace, firstOwnStartOf(laid))
  trace.packedBy = execution
  trace.lastActivityUnixNs = lastActivityUnixNs
  execution.lastActivityUnixNs = lastActivityUnixNs
  execution.lastSegment = whole.lastSegment
  execution.isFinal = true
  execution.queue = whole.queue
  execution.place = whole.place
  execution.endedPlace = whole.endedPlace
  execution.closeReason = whole.closeReason
  if (closedUnixNs === undefined) {
    execution.whole = laid
    execution.spansBytes = spansBytes
    trace.bytes = spansBytes
  } else {
    execution.packed = { spans: laid, ownCount: undefined }
    execution.bytes += laidBytes(laid)
    execution.closedUnixNs = closedUnixNs
    execution.givenCount = 1
  }
  return { execution, trace }
}
