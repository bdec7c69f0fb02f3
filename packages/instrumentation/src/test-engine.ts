import { setImmediate } from 'node:timers/promises'

/** The parts of Qflow's engine that the hooks see, as small as can be; its traps are in it. For tests. */

export interface TestStep {
  readonly id: string
  readonly type: string
  readonly action: string
  readonly params?: unknown
  readonly onSuccess?: string
  readonly onFailure?: string
  readonly timeout?: number
}

export interface TestFlow {
  readonly id: string
  readonly version: string
  readonly owner?: string
  readonly steps: readonly TestStep[]
}

interface TestState {
  readonly executionId: string
  readonly flowId: string
  status: string
  currentStep: string | undefined
  error?: { type: string; message: string; stepId?: string }
  readonly context: Record<string, unknown>
}

export class TestPipeline {
  layers: readonly string[] = []
  fails = false

  async validate(_request: unknown): Promise<Record<string, unknown>> {
    for (const layerId of this.layers) await this.executeLayer({ layerId })
    return {
      overallStatus: this.fails ? 'failed' : 'passed',
      cacheHits: this.layers.length,
      cacheMisses: 1,
    }
  }

  async executeLayer(_layer: unknown): Promise<unknown> {
    await setImmediate()
    return { status: 'passed', cached: true }
  }
}

export class TestLedger {
  readonly records: unknown[] = []

  async appendRecord(record: unknown): Promise<unknown> {
    this.records.push(record)
    await setImmediate()
    return record
  }

  async validateLedger(_executionId: string): Promise<unknown> {
    await setImmediate()
    return { isValid: true }
  }

  getExecutionRecords(_executionId: string): unknown[] {
    return [...this.records]
  }
}

export class TestPool {
  readonly available: object[] = [{ id: 'r' }]
  readonly inUse: Set<object> = new Set()
  readonly acquisitionQueue: ((resource: object) => void)[] = []

  async acquire(): Promise<object> {
    const free = this.available.pop()
    if (free) return this.take(free)
    return this.take(await new Promise<object>((resolve) => this.acquisitionQueue.push(resolve)))
  }

  async release(resource: object): Promise<void> {
    this.inUse.delete(resource)
    const waiter = this.acquisitionQueue.shift()
    if (waiter) waiter(resource)
    else this.available.push(resource)
  }

  private take(resource: object): object {
    this.inUse.add(resource)
    return resource
  }
}

class TestPoolManager {
  createPool(_name: string): TestPool {
    return new TestPool()
  }
}

export class TestDao {
  async validateDAOExecution(): Promise<unknown> {
    await setImmediate()
    return [{ result: 'pass' }]
  }
}

export type Work = (step: TestStep, run: unknown) => unknown

/** `work` is what tasks do; `attempts` how often a failing one is tried. */
export class TestEngine {
  readonly flowDefinitions: Map<string, TestFlow> = new Map()
  readonly executions: Map<string, TestState> = new Map()
  readonly pipeline: TestPipeline = new TestPipeline()
  readonly ledger: TestLedger = new TestLedger()
  readonly dao: TestDao = new TestDao()
  readonly resourcePoolManager: TestPoolManager = new TestPoolManager()
  readonly runs: Promise<void>[] = []
  readonly listeners: ((event: string, executionId: string) => void)[] = []
  work: Work = () => undefined
  maxAttempts = 1
  betweenAttempts: () => Promise<unknown> = () => setImmediate()
  private nextId = 0

  registerFlow(flow: TestFlow): void {
    this.flowDefinitions.set(flow.id, flow)
  }

  async startExecution(flowId: string, context: Record<string, unknown>): Promise<string> {
    if (!this.flowDefinitions.has(flowId)) throw new RangeError(`Flow not found: ${flowId}`)
    await this.dao.validateDAOExecution()
    const executionId = `exec_${this.nextId++}`
    const state = { executionId, flowId, context, status: 'pending', currentStep: undefined }
    this.executions.set(executionId, state)
    this.emit('started', executionId)
    this.runs.push(this.executeFlow(executionId))
    return executionId
  }

  async executeFlow(executionId: string): Promise<void> {
    const state = this.stateOf(executionId)
    const flow = this.flowDefinitions.get(state.flowId)
    if (!flow) throw new Error('Flow not found')
    state.status = 'running'
    let step = state.currentStep ? this.stepOf(flow, state.currentStep) : flow.steps[0]
    while (step && state.status === 'running') {
      state.currentStep = step.id
      const result = await this.executeStep(executionId, step, state.context)
      if (!result.success && step.onFailure === undefined) {
        state.status = 'failed'
        state.error = { ...result.error }
        return
      }
      const next = result.success ? step.onSuccess : step.onFailure
      step = next === undefined ? undefined : this.stepOf(flow, next)
      state.currentStep = step?.id
    }
    if (state.status === 'running') state.status = 'completed'
  }

  async executeStep(
    executionId: string,
    step: TestStep,
    _context: unknown,
  ): Promise<{ success: boolean; error: { type: string; message: string; stepId: string } }> {
    const error = { type: 'execution_error', message: '', stepId: step.id }
    try {
      const validated = await this.pipeline.validate({ action: step.action })
      if (validated['overallStatus'] === 'failed') throw new Error('Validation failed')
      this.emit('step.started', executionId)
      await this.ledger.appendRecord({ execId: executionId, stepId: step.id })
      await this.attempt(step, executionId)
      await this.ledger.validateLedger(executionId)
      this.emit('step.completed', executionId)
      return { success: true, error }
    } catch (thrown) {
      error.message = String(thrown)
      return { success: false, error }
    }
  }

  async executeTask(step: TestStep, run: unknown): Promise<unknown> {
    return this.work(step, run)
  }

  async executeParallel(step: TestStep, run: { executionId: string }): Promise<unknown> {
    const children = step.params as TestStep[]
    return Promise.all(children.map((child) => this.executeStep(run.executionId, child, {})))
  }

  async pauseExecution(executionId: string): Promise<void> {
    this.stateOf(executionId).status = 'paused'
  }

  async resumeExecution(executionId: string): Promise<void> {
    this.stateOf(executionId).status = 'running'
    this.runs.push(this.executeFlow(executionId))
  }

  async abortExecution(executionId: string): Promise<void> {
    this.stateOf(executionId).status = 'aborted'
  }

  /** Settles once every run that was started has. */
  async idle(): Promise<void> {
    for (let count = -1; count !== this.runs.length; ) {
      count = this.runs.length
      await Promise.allSettled(this.runs)
    }
  }

  private async attempt(step: TestStep, executionId: string): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        const run = { executionId, attempt }
        if (step.type === 'parallel') return await this.executeParallel(step, run)
        if (step.type === 'task') return await this.executeTask(step, run)
        throw new Error(`Unknown step type ${step.type}`)
      } catch (error) {
        if (attempt >= this.maxAttempts) throw error
        await this.betweenAttempts()
      }
    }
  }

  private emit(event: string, executionId: string): void {
    for (const listener of this.listeners) listener(event, executionId)
  }

  private stateOf(executionId: string): TestState {
    const state = this.executions.get(executionId)
    if (!state) throw new Error(`Execution not found: ${executionId}`)
    return state
  }

  private stepOf(flow: TestFlow, id: string): TestStep | undefined {
    return flow.steps.find((step) => step.id === id)
  }
}

/** A flow of tasks, one after the other. */
export function chainOf(id: string, ...stepIds: string[]): TestFlow {
  const steps = stepIds.map((stepId, index): TestStep => {
    const next = stepIds[index + 1]
    const step = { id: stepId, type: 'task', action: 'qflow.action.test' }
    return next === undefined ? step : { ...step, onSuccess: next }
  })
  return { id, version: '1.0.0', owner: 'squid_owner', steps }
}
