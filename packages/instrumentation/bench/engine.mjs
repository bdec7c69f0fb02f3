/**
 * The engine of the overhead bench. Imported once per variant (`engine.mjs?bare`), so that each has code and type feedback of
 * its own. Its calls do as little as an asynchronous call can; `work` is what a step takes.
 */
export class Pipeline {
  async validate() {
    return { overallStatus: 'passed', cacheHits: 3, cacheMisses: 1 }
  }
}

export class Ledger {
  async appendRecord(record) {
    return record
  }

  async validateLedger() {
    return { isValid: true }
  }
}

export class PoolManager {
  createPool() {
    return {}
  }
}

export class Engine {
  resourcePoolManager = new PoolManager()
  executions = new Map()
  flowDefinitions = new Map()
  pipeline = new Pipeline()
  ledger = new Ledger()
  work = () => undefined
  nextId = 0
  /** Background runs that {@link settled} has not taken yet. */
  runs = new Map()

  async startExecution(flowId, context) {
    const executionId = `exec_${this.nextId++}`
    const state = { executionId, flowId, context, status: 'pending' }
    this.executions.set(executionId, state)
    this.runs.set(executionId, this.executeFlow(executionId))
    return executionId
  }

  /** The background run of an execution. */
  settled(executionId) {
    const run = this.runs.get(executionId)
    this.runs.delete(executionId)
    return run
  }

  async executeFlow(executionId) {
    const state = this.executions.get(executionId)
    state.status = 'running'
    for (const step of this.flowDefinitions.get(state.flowId).steps) {
      await this.executeStep(executionId, step, state.context)
    }
    state.status = 'completed'
    this.executions.delete(executionId)
  }

  async executeStep(executionId, step, context) {
    await this.pipeline.validate({ context, data: step })
    await this.ledger.appendRecord({ executionId, stepId: step.id })
    await this.executeTask(step)
    await this.ledger.validateLedger(executionId)
    return { success: true }
  }

  async executeParallel() {
    return undefined
  }

  async executeTask(step) {
    return this.work(step)
  }
}
