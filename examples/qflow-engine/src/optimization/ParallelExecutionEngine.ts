import { EventEmitter } from 'node:events'
import { type Runtime, resolveRuntime } from '../core/Runtime.ts'
import type { DAOExecutionContext, StepResult } from '../models/Execution.ts'
import type { FlowStep } from '../models/FlowDefinition.ts'
import { QflowError, toQflowError } from '../models/QflowError.ts'
import type { ResourcePoolManager } from './ResourcePoolManager.ts'

/** Whether the other steps go on after a failure. */
export type FailureStrategy = 'continue-on-error' | 'fail-fast'

/** Bounds of a group. */
export interface ParallelConfig {
  readonly maxConcurrentSteps: number
  /** Attempts beyond the first of one step in a group; steps have retry policies of their own. */
  readonly retryAttempts: number
  readonly failureStrategy: FailureStrategy
}

/** What the steps of one parallel run share. */
export interface ParallelContext extends DAOExecutionContext {
  readonly executionId: string
  readonly maxConcurrency?: number
  readonly failureStrategy?: FailureStrategy
  /** No further step starts once it is aborted. */
  readonly signal?: AbortSignal
}

/** Steps that may run side by side; durations in ms. */
export interface ExecutionGroup {
  readonly id: string
  readonly steps: readonly FlowStep[]
  readonly dependencies: readonly string[]
  readonly priority: number
  readonly estimatedDuration: number
  readonly maxConcurrency: number
}

/** Groups in the order in which they run. */
export interface ExecutionPlan {
  readonly groups: readonly ExecutionGroup[]
  readonly totalSteps: number
  readonly estimatedDuration: number
  readonly parallelizationRatio: number
}

/** Time in ms; efficiency is the steps' time over the time that all slots were open, 0..1. */
export interface ParallelResult {
  readonly success: boolean
  readonly results: Map<string, StepResult>
  readonly errors: Map<string, Error>
  readonly executionTime: number
  readonly parallelEfficiency: number
  readonly resourceUtilization: number
}

/** How far a step of a group is. */
export interface StepExecution {
  readonly stepId: string
  status: 'pending' | 'running' | 'completed' | 'failed'
  retryCount: number
  resourceId?: string
}

/** The engine's `executeStep`. */
export type StepExecutor = (
  executionId: string,
  step: FlowStep,
  context: DAOExecutionContext,
) => Promise<StepResult>

/** The first pause, doubled with each further one; Qflow's own. */
const retryBaseMs = 1_000

/** Runs groups of steps side by side, never more at once than the group allows. */
export class ParallelExecutionEngine extends EventEmitter {
  readonly config: ParallelConfig
  readonly executor: StepExecutor
  readonly resourcePoolManager: ResourcePoolManager | undefined
  readonly runtime: Runtime

  constructor(
    executor: StepExecutor,
    resourcePoolManager: ResourcePoolManager | undefined,
    config: Partial<ParallelConfig> = {},
    runtime: Partial<Runtime> = {},
  ) {
    super()
    this.executor = executor
    this.resourcePoolManager = resourcePoolManager
    this.config = {
      maxConcurrentSteps: 5,
      retryAttempts: 0,
      failureStrategy: 'continue-on-error',
      ...config,
    }
    this.runtime = resolveRuntime(runtime)
  }

  /** Rejects with the first failure when the strategy is fail-fast; otherwise failures stand in the result. */
  async executeParallel(
    steps: readonly FlowStep[],
    context: ParallelContext,
  ): Promise<ParallelResult> {
    const [group] = this.analyzeSteps(steps, context.maxConcurrency).groups
    if (group === undefined)
      throw new QflowError('validation_error', 'A parallel step without steps')
    const result = await this.executeGroup(group, context)
    const [failure] = result.errors.values()
    if (failure !== undefined && this.strategyOf(context) === 'fail-fast') {
      this.emit('parallel_execution_failed', { error: failure })
      throw failure
    }
    this.emit('parallel_execution_completed', {
      stepCount: steps.length,
      executionTime: result.executionTime,
    })
    return result
  }

  /** Steps of one parallel step depend on nothing but what came before it: they are one group. */
  analyzeSteps(steps: readonly FlowStep[], maxConcurrency?: number): ExecutionPlan {
    const limit = Math.min(maxConcurrency ?? this.config.maxConcurrentSteps, steps.length)
    const estimates = steps.map((step) => step.timeout ?? 0)
    const estimatedDuration = Math.max(0, ...estimates)
    const group: ExecutionGroup = {
      id: this.runtime.createId('group'),
      steps,
      dependencies: [],
      priority: 0,
      estimatedDuration,
      maxConcurrency: limit,
    }
    const groups = steps.length === 0 ? [] : [group]
    const parallelizationRatio = steps.length < 2 || limit < 2 ? 0 : 1
    const plan = { groups, totalSteps: steps.length, estimatedDuration, parallelizationRatio }
    this.emit('execution_plan_created', plan)
    return plan
  }

  /** Never rejects. As many workers as the group allows take the next step until none is left. */
  async executeGroup(group: ExecutionGroup, context: ParallelContext): Promise<ParallelResult> {
    const startMs = this.runtime.clock.monotonicMs()
    const results = new Map<string, StepResult>()
    const errors = new Map<string, Error>()
    let nextIndex = 0
    const work = async (): Promise<void> => {
      while (!this.shouldStop(errors, context)) {
        const step = group.steps[nextIndex++]
        if (step === undefined) return
        const execution: StepExecution = { stepId: step.id, status: 'pending', retryCount: 0 }
        try {
          const result = await this.executeStepWithRetry(step, context, execution)
          results.set(step.id, result)
          const { duration } = result
          const { retryCount } = execution
          this.emit('step_completed', { stepId: step.id, groupId: group.id, duration, retryCount })
        } catch (error) {
          errors.set(step.id, toQflowError(error))
          this.emit('step_failed', { stepId: step.id, groupId: group.id, error })
        }
      }
    }
    await Promise.all(Array.from({ length: group.maxConcurrency }, work))
    return this.groupResult(group, { results, errors, startMs })
  }

  /** Rejects after the last attempt. */
  async executeStepWithRetry(
    step: FlowStep,
    context: ParallelContext,
    execution: StepExecution,
  ): Promise<StepResult> {
    execution.status = 'running'
    for (;;) {
      const resource = await this.acquireExecutionResource(step)
      execution.resourceId = resource.id
      try {
        const result = await this.executeStepOnResource(step, context, resource)
        execution.status = 'completed'
        return result
      } catch (error) {
        if (execution.retryCount >= this.config.retryAttempts) {
          execution.status = 'failed'
          throw error
        }
        const delay = retryBaseMs * 2 ** execution.retryCount++
        this.emit('step_retry', { stepId: step.id, attempt: execution.retryCount, error, delay })
        await new Promise<void>((resolve) => this.runtime.timers.setTimeout(resolve, delay))
      } finally {
        await this.releaseExecutionResource(step, resource)
      }
    }
  }

  async executeStepOnResource(
    step: FlowStep,
    context: ParallelContext,
    _resource: ExecutionResource,
  ): Promise<StepResult> {
    const result = await this.executor(context.executionId, step, context)
    if (result.success) return result
    const { type = 'execution_error', message = `Step ${step.id} failed` } = result.error ?? {}
    throw new QflowError(type, message, { cause: result.error?.details.error })
  }

  /** A `wasm` task takes a runtime of the pool `wasm` where there is one; others need only their slot. */
  async acquireExecutionResource(step: FlowStep): Promise<ExecutionResource> {
    const id = this.runtime.createId('slot')
    const pool = step.action.includes('wasm')
      ? this.resourcePoolManager?.getPool('wasm')
      : undefined
    if (step.type !== 'task' || pool === undefined) return { id, pooled: undefined }
    return { id, pooled: await pool.acquire() }
  }

  async releaseExecutionResource(_step: FlowStep, resource: ExecutionResource): Promise<void> {
    if (resource.pooled === undefined) return
    await this.resourcePoolManager?.getPool('wasm')?.release(resource.pooled)
  }

  private shouldStop(errors: ReadonlyMap<string, Error>, context: ParallelContext): boolean {
    if (context.signal?.aborted === true) return true
    return errors.size > 0 && this.strategyOf(context) === 'fail-fast'
  }

  private strategyOf(context: ParallelContext): FailureStrategy {
    return context.failureStrategy ?? this.config.failureStrategy
  }

  private groupResult(
    group: ExecutionGroup,
    run: { results: Map<string, StepResult>; errors: Map<string, Error>; startMs: number },
  ): ParallelResult {
    const { results, errors } = run
    const executionTime = this.runtime.clock.monotonicMs() - run.startMs
    const busyMs = [...results.values()].reduce((sum, result) => sum + result.duration, 0)
    const slotMs = executionTime * group.maxConcurrency
    const parallelEfficiency = slotMs > 0 ? Math.min(1, busyMs / slotMs) : 1
    const success = errors.size === 0 && results.size === group.steps.length
    this.emit('group_completed', {
      groupId: group.id,
      stepCount: group.steps.length,
      successCount: results.size,
      errorCount: errors.size,
      executionTime,
      parallelEfficiency,
    })
    return {
      success,
      results,
      errors,
      executionTime,
      parallelEfficiency,
      resourceUtilization: parallelEfficiency,
    }
  }
}

/** A slot of the group, and what a pool gave for it. */
export interface ExecutionResource {
  readonly id: string
  readonly pooled: unknown
}
