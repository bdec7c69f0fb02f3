import type { SpanRecord } from '../otlp/span-record.ts'
import { unixNsAt } from '../time/unix-ns.ts'
import { buildExecution, type ExecutionInput, type Identity } from './build-execution.ts'
import type { Execution } from './execution.ts'
import { firstStartNs } from './laid-execution.ts'
import { type LaidSpans, laidBytes, unlaySpans, withOwnRow } from './laid-spans.ts'
import type { ClosedExecution, ExecutionFacts, StoredExecution } from './stored-execution.ts'

const NO_RECORDS: readonly SpanRecord[] = []

/**
 * An execution that closed and was laid, from there until nobody keeps it: what is given out, what waits to enter the detectors, what
 * is kept, and its facts are one object, since they are made for each and hundreds are on their way at a time. The facts are
 * those that `buildExecution` would find, read where they stand.
 */
export class LaidClosed implements ClosedExecution, StoredExecution, ExecutionFacts {
  readonly spans: LaidSpans
  readonly isReplacement: boolean
  readonly started: ExecutionInput['started']
  readonly flags: readonly string[]
  readonly tenant: string
  readonly closeReason: Execution['closeReason']
  readonly endUnixNs: bigint
  readonly bytes: number
  readonly #identity: Identity
  /** After the anchor. */
  readonly #startNs: number

  constructor(
    {
      tenant,
      started,
      closeReason,
      flags,
    }: Pick<ExecutionInput, 'tenant' | 'started' | 'closeReason'> & Pick<LaidClosed, 'flags'>,
    spans: LaidSpans,
    { identity, isReplacement }: { readonly identity: Identity; readonly isReplacement: boolean },
  ) {
    this.spans = spans
    this.isReplacement = isReplacement
    this.started = started
    this.flags = flags
    this.tenant = tenant
    this.closeReason = closeReason
    this.#identity = identity
    this.#startNs = firstStartNs(spans)
    this.bytes = laidBytes(spans)
    this.endUnixNs = unixNsAt(spans.anchorUnixNs, this.#startNs + this.durationNs)
  }

  /** The same, holding no row of others. */
  withOwnRow(): LaidClosed {
    const { isReplacement } = this
    return new LaidClosed(this, withOwnRow(this.spans), { identity: this.#identity, isReplacement })
  }

  get closed(): this {
    return this
  }

  get stored(): this {
    return this
  }

  get facts(): this {
    return this
  }

  /** Built each time. */
  get execution(): Execution {
    const { tenant, executionId, started, closeReason, flags } = this
    const records = unlaySpans(this.spans)
    return buildExecution({ tenant, executionId, records, started, closeReason, flags })
  }

  get records(): readonly SpanRecord[] {
    return NO_RECORDS
  }

  get executionId(): string {
    return this.spans.executionId
  }

  get traceIds(): readonly string[] {
    return [this.spans.traceId]
  }

  get spanCount(): number {
    return this.spans.layout.records.length
  }

  get startUnixNs(): bigint {
    return unixNsAt(this.spans.anchorUnixNs, this.#startNs)
  }

  get durationNs(): number {
    const { block, at, layout } = this.spans
    return Math.max(0, (block.numbers[at + 2 * layout.segment + 1] ?? 0) - this.#startNs)
  }

  get activeNs(): number {
    return this.durationNs
  }

  get flowId(): string {
    return this.#identity.flowId
  }

  get flowVersion(): string | undefined {
    return this.#identity.flowVersion
  }

  get serviceVersion(): string | undefined {
    return this.#identity.serviceVersion
  }

  get node(): string | undefined {
    return this.#identity.node
  }

  get parentExecutionId(): string | undefined {
    return this.#identity.parentExecutionId
  }

  get triggerType(): string | undefined {
    return this.#identity.triggerType
  }

  get weight(): number | undefined {
    return this.#identity.weight
  }

  get status(): Execution['status'] {
    return this.#identity.status
  }

  get errorType(): string | undefined {
    return this.#identity.errorType
  }
}
