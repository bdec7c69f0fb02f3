import type {
  DAOExecutionContext,
  ExecutionContext,
  ExecutionState,
  ExecutionStatus,
  StepResult,
} from '../models/Execution.ts'
import type { FlowDefinition, FlowStep } from '../models/FlowDefinition.ts'
import { ParallelExecutionEngine } from '../optimization/ParallelExecutionEngine.ts'
import { ResourcePoolManager } from '../optimization/ResourcePoolManager.ts'
import type { ActionHandler, ActionSpec, RegisteredFunction } from './ActionRegistry.ts'
import { admit, daoContextOf } from './Admission.ts'
import { type EngineServices, resolveServices } from './EngineServices.ts'
import { ExecutionRegister, hasEnded } from './ExecutionRegister.ts'
import { checkFlow, FlowDefinitionError } from './FlowCheck.ts'
import { runSteps } from './FlowLoop.ts'
import { type FlowRegistration, registerSteps } from './FlowRegistration.ts'
import { isoTime, type Runtime, resolveRuntime } from './Runtime.ts'
import { Scheduler } from './Scheduler.ts'
import { executionErrorOf, runStep } from './StepExecution.ts'
import { runCondition } from './steps/Condition.ts'
import { runEventTrigger } from './steps/EventTrigger.ts'
import { runModuleCall } from './steps/ModuleCall.ts'
import { runParallel } from './steps/Parallel.ts'
import type { StepRun } from './steps/StepRun.ts'
import { runTask } from './steps/Task.ts'

/** Services and runtime; those of the process when left out. */
export interface EngineOptions extends Partial<Runtime>, Partial<EngineServices> {
  /** Ended executions beyond this number are forgotten, the oldest first. Default 10,000. */
  readonly maxEndedExecutions?: number
}

/**
 * Runs flows. `startExecution` resolves while the flow runs; `executeFlow` and `executeStep` never reject for what a
 * flow or step does.
 */
export class ExecutionEngine {
  readonly executions: Map<string, ExecutionState>
  readonly flowDefinitions = new Map<string, FlowDefinition>()
  readonly registrations = new Map<string, FlowRegistration>()
  /** Undefined, like the next, when optimization is off. */
  readonly resourcePoolManager: ResourcePoolManager | undefined
  readonly parallelExecutionEngine: ParallelExecutionEngine | undefined
  readonly optimizationEnabled: boolean
  readonly runtime: Runtime
  readonly services: EngineServices
  readonly register: ExecutionRegister
  readonly scheduler: Scheduler
  /** Executions whose resources could not be given back. */
  releaseFailureCount = 0

  constructor(optimizationEnabled = true, options: EngineOptions = {}) {
    this.optimizationEnabled = optimizationEnabled
    this.runtime = resolveRuntime(options)
    this.services = resolveServices(options)
    this.register = new ExecutionRegister(
      (id) => this.services.ledger.forgetExecution(id),
      options.maxEndedExecutions,
    )
    this.executions = this.register.executions
    this.scheduler = new Scheduler(this.runtime, (flowId, context) =>
      this.startExecution(flowId, context),
    )
    if (!optimizationEnabled) return
    this.resourcePoolManager = new ResourcePoolManager(this.runtime)
    this.parallelExecutionEngine = this.parallelEngine(this.resourcePoolManager)
  }

  /** Replaces a flow of the same id. Throws {@link FlowDefinitionError} with a JSON pointer for each issue. */
  registerFlow(flow: FlowDefinition): void {
    const checked = checkFlow(flow)
    if (checked.kind === 'issues') throw new FlowDefinitionError(checked.issues)
    this.flowDefinitions.set(flow.id, flow)
    this.registrations.set(flow.id, registerSteps(flow, this.services.keys))
  }

  registerAction(name: string, handler: ActionHandler, spec?: Partial<ActionSpec>): void {
    this.services.actions.registerAction(name, handler, spec)
  }

  registerFunction(name: string, implementation: RegisteredFunction): void {
    this.services.actions.registerFunction(name, implementation)
  }

  /** Resolves with the execution id while the flow runs. Rejects for an unknown flow and for refused admission. */
  async startExecution(flowId: string, context: ExecutionContext): Promise<string> {
    const startTime = isoTime(this.runtime.clock)
    const startMs = this.runtime.clock.monotonicMs()
    const flow = this.flowOf(flowId)
    const daoContext = daoContextOf(context, flow)
    await admit(this.services, flowId, daoContext)
    const executionId = this.runtime.createId('exec')
    this.register.add(executionId, { flowId, context: daoContext, startTime, startMs })
    this.emit('exec.started', {
      executionId,
      flowId,
      triggeredBy: context.triggeredBy,
      triggerType: context.triggerType,
      daoSubnet: daoContext.daoSubnet,
      resourceAllocation: daoContext.resourceRequest,
    })
    this.runInBackground(executionId)
    return executionId
  }

  /** Runs steps until the flow ends or is no longer running; rejects only for an unknown execution or flow. */
  async executeFlow(executionId: string): Promise<void> {
    const state = this.stateOf(executionId)
    const flow = this.flowOf(state.flowId)
    if (!this.register.enterLoop(executionId)) return
    state.status = 'running'
    try {
      await runSteps(this, state, flow)
    } catch (error) {
      this.handleExecutionError(executionId, error)
    } finally {
      this.register.leaveLoop(executionId)
      if (hasEnded(state)) this.settle(state)
    }
  }

  /** Never rejects: a failure is `success: false`. */
  async executeStep(
    executionId: string,
    step: FlowStep,
    context: DAOExecutionContext,
  ): Promise<StepResult> {
    return runStep(this, executionId, step, context)
  }

  async executeTask(step: FlowStep, run: StepRun): Promise<unknown> {
    const { runtime, services, resourcePoolManager: pools } = this
    return runTask({ ...services, runtime, pools }, step, run)
  }

  async executeCondition(step: FlowStep, run: StepRun): Promise<unknown> {
    return runCondition(step, run)
  }

  async executeParallel(step: FlowStep, run: StepRun): Promise<unknown> {
    const flow = this.flowOf(this.stateOf(run.executionId).flowId)
    return runParallel(this.parallelExecutionEngine ?? this.parallelEngine(), flow, step, run)
  }

  async executeEventTrigger(step: FlowStep, run: StepRun): Promise<unknown> {
    return runEventTrigger({ events: this.services.events, timers: this.runtime.timers }, step, run)
  }

  async executeModuleCall(step: FlowStep, run: StepRun): Promise<unknown> {
    return runModuleCall(this, step, run)
  }

  handleExecutionError(executionId: string, thrown: unknown): void {
    const state = this.executions.get(executionId)
    if (state === undefined) return
    state.status = 'failed'
    state.endTime = isoTime(this.runtime.clock)
    state.error ??= executionErrorOf(thrown, state.endTime)
    this.emit('exec.failed', { executionId, flowId: state.flowId, error: state.error })
  }

  /** The running step goes on to its end; then the flow waits. */
  async pauseExecution(executionId: string): Promise<void> {
    const state = this.stateOf(executionId, ['running'])
    state.status = 'paused'
    this.emitChange('exec.paused', state)
  }

  /** A loop that has not yet noticed the pause goes on: there is never a second one. */
  async resumeExecution(executionId: string): Promise<void> {
    const state = this.stateOf(executionId, ['paused'])
    state.status = 'running'
    this.emitChange('exec.resumed', state)
    if (!this.register.isLooping(executionId)) this.runInBackground(executionId)
  }

  /** Does not interrupt the running step; its resources are released when it is over. */
  async abortExecution(executionId: string): Promise<void> {
    const state = this.stateOf(executionId, ['pending', 'running', 'paused'])
    state.status = 'aborted'
    state.endTime = isoTime(this.runtime.clock)
    this.emitChange('exec.aborted', state)
    if (!this.register.isLooping(executionId)) this.settle(state)
  }

  /** The live state, not a copy. */
  async getExecutionStatus(executionId: string): Promise<ExecutionState | null> {
    return this.executions.get(executionId) ?? null
  }

  getAllExecutions(): ExecutionState[] {
    return [...this.executions.values()]
  }

  /** Resolves when the execution has ended and no step of it runs any more. */
  async waitForExecution(executionId: string): Promise<ExecutionState> {
    return this.register.untilSettled(this.stateOf(executionId))
  }

  /** Forgets executions that ended more than `maxAge` ms ago. */
  cleanupExecutions(maxAge: number = 24 * 60 * 60 * 1000): void {
    this.register.forgetEndedBefore(this.runtime.clock.nowMs() - maxAge)
  }

  /** Starts a flow every `intervalMs`; gives the id for `unscheduleFlow`. */
  scheduleFlow(
    flowId: string,
    intervalMs: number,
    context: Partial<ExecutionContext> = {},
  ): string {
    this.flowOf(flowId)
    return this.scheduler.add(flowId, intervalMs, context)
  }

  unscheduleFlow(scheduleId: string): boolean {
    return this.scheduler.remove(scheduleId)
  }

  getOptimizationMetrics(): Readonly<Record<string, unknown>> {
    const { evictedCount: evictedExecutions } = this.register
    const { startedCount: scheduledStarts, refusedCount: refusedScheduledStarts } = this.scheduler
    const pools = this.resourcePoolManager?.getAllStats() ?? {}
    return { evictedExecutions, scheduledStarts, refusedScheduledStarts, pools }
  }

  /** Stops schedules and drains the pools: afterwards nothing of the engine keeps the process alive. */
  async cleanup(): Promise<void> {
    this.scheduler.removeAll()
    await this.resourcePoolManager?.cleanup()
  }

  /** Not awaited for the outcome of a flow, and never rejects: what goes wrong is counted. */
  async releaseDAOResources(state: ExecutionState): Promise<void> {
    const { billing, dao } = this.services
    const { daoSubnet, resourceRequest } = state.context
    const duration = this.register.elapsedMs(state.executionId, this.runtime.clock)
    try {
      await billing.trackExecutionUsage(daoSubnet, state.executionId, {
        cpuTime: resourceRequest.cpu * duration,
        memoryUsage: resourceRequest.memory,
        storageUsed: resourceRequest.storage,
        networkTransfer: resourceRequest.network,
        duration,
      })
      await dao.releaseResources(daoSubnet, resourceRequest)
    } catch {
      this.releaseFailureCount++
    }
  }

  /** Emits one of the engine's flat events. */
  emit(name: string, data: Readonly<Record<string, unknown>>): void {
    const timestamp = isoTime(this.runtime.clock)
    this.services.events.emit(`q.qflow.${name}.v1`, { ...data, timestamp })
  }

  private runInBackground(executionId: string): void {
    this.executeFlow(executionId).catch((error: unknown) => {
      this.handleExecutionError(executionId, error)
      this.settle(this.stateOf(executionId))
    })
  }

  private settle(state: ExecutionState): void {
    if (!this.register.beginSettling(state.executionId)) return
    this.releaseDAOResources(state).then(() => this.register.settled(state))
  }

  private emitChange(name: string, { executionId, flowId, currentStep }: ExecutionState): void {
    this.emit(name, { executionId, flowId, currentStep })
  }

  /** Without optimization the steps of a parallel step run one after the other. */
  private parallelEngine(pools?: ResourcePoolManager): ParallelExecutionEngine {
    return new ParallelExecutionEngine(
      (executionId, step, context) => this.executeStep(executionId, step, context),
      pools,
      pools === undefined ? { maxConcurrentSteps: 1 } : {},
      this.runtime,
    )
  }

  private flowOf(flowId: string): FlowDefinition {
    const flow = this.flowDefinitions.get(flowId)
    if (flow === undefined) throw new Error(`Flow not found: ${flowId}`)
    return flow
  }

  private stateOf(executionId: string, allowed?: readonly ExecutionStatus[]): ExecutionState {
    const state = this.executions.get(executionId)
    if (state === undefined) throw new Error(`Execution not found: ${executionId}`)
    if (allowed === undefined || allowed.includes(state.status)) return state
    throw new Error(`Execution ${executionId} is ${state.status}; expected ${allowed.join(' or ')}`)
  }
}

/** The engine of the process. */
export const executionEngine: ExecutionEngine = new ExecutionEngine()
