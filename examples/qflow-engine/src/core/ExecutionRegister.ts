import type { DAOExecutionContext, ExecutionState } from '../models/Execution.ts'
import type { Clock } from './Runtime.ts'

/** Whoever looks at an execution does so soon; a ledger of each is held until then. */
const defaultMaxEnded = 10_000

/** Whether the status is final. */
export function hasEnded({ status }: ExecutionState): boolean {
  return status === 'completed' || status === 'failed' || status === 'aborted'
}

interface Bookkeeping {
  readonly startMs: number
  readonly waiters: ((state: ExecutionState) => void)[]
  isLooping: boolean
  isSettling: boolean
  isSettled: boolean
}

/**
 * All executions, and what the engine must know of each beside its state. An execution is settled once: it has ended,
 * no loop runs it, its resources are back.
 */
export class ExecutionRegister {
  readonly executions = new Map<string, ExecutionState>()
  readonly books = new Map<string, Bookkeeping>()
  /** Settled executions, the oldest first. */
  readonly settledIds = new Set<string>()
  readonly maxEnded: number
  readonly onForget: (executionId: string) => void
  evictedCount = 0

  constructor(onForget: (executionId: string) => void, maxEnded: number = defaultMaxEnded) {
    this.onForget = onForget
    this.maxEnded = maxEnded
  }

  /** `startMs` is on the monotonic clock. */
  add(
    executionId: string,
    start: {
      readonly flowId: string
      readonly context: DAOExecutionContext
      readonly startTime: string
      readonly startMs: number
    },
  ): void {
    const { flowId, context, startTime, startMs } = start
    this.executions.set(executionId, {
      executionId,
      flowId,
      status: 'pending',
      completedSteps: [],
      failedSteps: [],
      context,
      startTime,
      results: new Map(),
      checkpoints: [],
      nodeAssignments: {},
    })
    const flags = { isLooping: false, isSettling: false, isSettled: false }
    this.books.set(executionId, { startMs, waiters: [], ...flags })
  }

  /** ms since `startExecution` was entered. */
  elapsedMs(executionId: string, clock: Clock): number {
    const nowMs = clock.monotonicMs()
    return nowMs - (this.books.get(executionId)?.startMs ?? nowMs)
  }

  isLooping(executionId: string): boolean {
    return this.books.get(executionId)?.isLooping ?? false
  }

  /** False when a loop runs the execution already. */
  enterLoop(executionId: string): boolean {
    const book = this.books.get(executionId)
    if (book === undefined || book.isLooping) return false
    book.isLooping = true
    return true
  }

  leaveLoop(executionId: string): void {
    const book = this.books.get(executionId)
    if (book !== undefined) book.isLooping = false
  }

  /** True for the first caller: it gives the resources back. */
  beginSettling(executionId: string): boolean {
    const book = this.books.get(executionId)
    if (book === undefined || book.isSettling) return false
    book.isSettling = true
    return true
  }

  settled(state: ExecutionState): void {
    const book = this.books.get(state.executionId)
    if (book === undefined) return
    book.isSettled = true
    this.settledIds.add(state.executionId)
    for (const wake of book.waiters.splice(0)) wake(state)
    this.evict()
  }

  untilSettled(state: ExecutionState): Promise<ExecutionState> {
    const book = this.books.get(state.executionId)
    if (book === undefined || book.isSettled) return Promise.resolve(state)
    return new Promise((resolve) => book.waiters.push(resolve))
  }

  forgetEndedBefore(unixMs: number): void {
    for (const id of [...this.settledIds]) {
      const endTime = this.executions.get(id)?.endTime
      if (endTime !== undefined && Date.parse(endTime) < unixMs) this.forget(id)
    }
  }

  private evict(): void {
    while (this.settledIds.size > this.maxEnded) {
      const [oldest] = this.settledIds
      if (oldest === undefined) return
      this.forget(oldest)
      this.evictedCount++
    }
  }

  private forget(executionId: string): void {
    this.settledIds.delete(executionId)
    this.executions.delete(executionId)
    this.books.delete(executionId)
    this.onForget(executionId)
  }
}
