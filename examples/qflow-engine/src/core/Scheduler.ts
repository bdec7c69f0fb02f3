import type { ExecutionContext } from '../models/Execution.ts'
import type { Runtime } from './Runtime.ts'

/** Starts an execution; rejects when it is refused. */
export type FlowStarter = (flowId: string, context: ExecutionContext) => Promise<string>

interface Schedule {
  readonly flowId: string
  readonly timer: unknown
}

/** Starts flows in fixed periods until it is told to stop. */
export class Scheduler {
  readonly schedules = new Map<string, Schedule>()
  readonly runtime: Runtime
  readonly start: FlowStarter
  startedCount = 0
  /** Starts that the engine refused. */
  refusedCount = 0

  constructor(runtime: Runtime, start: FlowStarter) {
    this.runtime = runtime
    this.start = start
  }

  /** The first start is one period from now. Gives the id to stop it with. */
  add(flowId: string, intervalMs: number, context: Partial<ExecutionContext>): string {
    if (!(intervalMs > 0))
      throw new RangeError(`Interval: expected more than 0 ms, found ${intervalMs}`)
    const id = this.runtime.createId('schedule')
    const complete: ExecutionContext = {
      triggeredBy: `schedule:${id}`,
      inputData: {},
      variables: {},
      permissions: [],
      ...context,
      triggerType: 'schedule',
    }
    const timer = this.runtime.timers.setInterval(() => {
      this.start(flowId, complete).then(
        () => this.startedCount++,
        () => this.refusedCount++,
      )
    }, intervalMs)
    this.schedules.set(id, { flowId, timer })
    return id
  }

  /** False when there is no such schedule. */
  remove(id: string): boolean {
    const schedule = this.schedules.get(id)
    if (schedule === undefined) return false
    this.runtime.timers.clearInterval(schedule.timer)
    return this.schedules.delete(id)
  }

  removeAll(): void {
    for (const id of [...this.schedules.keys()]) this.remove(id)
  }
}
