import { BoundedKeys } from './bounded-keys.ts'
import {
  EXECUTION_BASE_BYTES,
  type HeldExecution,
  type HeldSpan,
  type HeldTrace,
  keyOf,
  newExecution,
  newTrace,
  TRACE_BASE_BYTES,
} from './held.ts'
import { removeSpan } from './span-ownership.ts'
import { spanKey } from './span-tree.ts'

/** Keys remembered after an execution or trace is let go, to tell late spans from new ones: some 15 MB each. */
const MAX_REMEMBERED_KEYS = 100_000

/** Owns what is held, and knows what it weighs. */
export class HeldStore {
  /** Estimated bytes of all that is held. */
  bytes = 0
  readonly #executions = new Map<string, HeldExecution>()
  readonly #traces = new Map<string, HeldTrace>()
  readonly #goneExecutions = new BoundedKeys(MAX_REMEMBERED_KEYS)
  readonly #goneTraces = new BoundedKeys(MAX_REMEMBERED_KEYS)

  execution(key: string): HeldExecution | undefined {
    return this.#executions.get(key)
  }

  isGoneExecution(key: string): boolean {
    return this.#goneExecutions.has(key)
  }

  isGoneTrace(key: string): boolean {
    return !this.#traces.has(key) && this.#goneTraces.has(key)
  }

  executionFor(tenant: string, executionId: string): HeldExecution {
    const key = keyOf(tenant, executionId)
    const known = this.#executions.get(key)
    if (known !== undefined) return known
    const execution = newExecution(key, tenant, executionId)
    this.#executions.set(key, execution)
    this.bytes += EXECUTION_BASE_BYTES
    return execution
  }

  traceFor(tenant: string, traceId: string): HeldTrace {
    const key = keyOf(tenant, traceId)
    const known = this.#traces.get(key)
    if (known !== undefined) return known
    const trace = newTrace(key, tenant, traceId)
    this.#traces.set(key, trace)
    this.bytes += TRACE_BASE_BYTES
    return trace
  }

  addSpan(span: HeldSpan): void {
    span.trace.spans.set(span.record.spanId, span)
    this.bytes += span.bytes
  }

  removeSpan(span: HeldSpan): void {
    removeSpan(span)
    this.bytes -= span.bytes
    if (span.owner?.spans.delete(span)) span.owner.bytes -= span.bytes
  }

  /** The root of a sub-flow, held by its own execution and once more by the one it hangs in. */
  addGuest(execution: HeldExecution, guest: HeldSpan): void {
    const key = spanKey(guest.record)
    if (!execution.guests.has(key)) {
      execution.bytes += guest.bytes
      this.bytes += guest.bytes
    }
    execution.guests.set(key, guest.record)
  }

  /** With its spans, the free spans that only it had, and traces that nobody else needs. */
  removeExecution(execution: HeldExecution): void {
    this.#executions.delete(execution.key)
    this.#goneExecutions.add(execution.key)
    for (const span of execution.spans) this.removeSpan(span)
    this.bytes -= execution.bytes
    for (const trace of execution.traces) {
      trace.executions.delete(execution)
      if (trace.primary === execution) {
        for (const span of trace.free) this.removeSpan(span)
        trace.primary = undefined
      }
      if (trace.executions.size === 0) this.removeTrace(trace)
    }
  }

  removeTrace(trace: HeldTrace): void {
    for (const span of trace.spans.values()) this.removeSpan(span)
    this.#traces.delete(trace.key)
    this.#goneTraces.add(trace.key)
    this.bytes -= TRACE_BASE_BYTES
  }
}
