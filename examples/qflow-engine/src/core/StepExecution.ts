import type { DAOExecutionContext, ExecutionError, StepResult } from '../models/Execution.ts'
import type { FlowStep } from '../models/FlowDefinition.ts'
import { QflowError, toQflowError, ValidationFailedError } from '../models/QflowError.ts'
import type { PipelineResult } from '../models/Validation.ts'
import type { ExecutionEngine } from './ExecutionEngine.ts'
import { stepValidationRequest } from './FlowRegistration.ts'
import { runAttempts } from './RetryPolicy.ts'
import { isoTime } from './Runtime.ts'
import { runAttempt } from './steps/Attempt.ts'
import { nextStepId } from './steps/Condition.ts'
import { type StepRun, scopeOf } from './steps/StepRun.ts'

const nodeId = 'local-node-1'

/** One step from validation to the last ledger check. Never rejects: a failure is `success: false`. */
export async function runStep(
  engine: ExecutionEngine,
  executionId: string,
  step: FlowStep,
  context: DAOExecutionContext,
): Promise<StepResult> {
  const { clock } = engine.runtime
  const startMs = clock.monotonicMs()
  const results = engine.executions.get(executionId)?.results
  try {
    const result = await recordedWork(engine, { executionId, step, context, startMs })
    const duration = clock.monotonicMs() - startMs
    return { stepId: step.id, success: true, result, duration, ...nextOf(step, true, result) }
  } catch (thrown) {
    const error = executionErrorOf(thrown, isoTime(clock), step.id)
    const duration = clock.monotonicMs() - startMs
    results?.set(step.id, { success: false, result: undefined, duration })
    engine.emit('exec.step.failed', { executionId, stepId: step.id, error, duration })
    return { stepId: step.id, success: false, error, duration, ...nextOf(step, false, undefined) }
  }
}

interface StepWork {
  readonly executionId: string
  readonly step: FlowStep
  readonly context: DAOExecutionContext
  readonly startMs: number
}

async function recordedWork(engine: ExecutionEngine, work: StepWork): Promise<unknown> {
  const { executionId, step, context, startMs } = work
  const { runtime } = engine
  const { ledger } = engine.services
  const validationResult = await validateStep(engine, work)
  const { id: stepId, type: stepType, action } = step
  engine.emit('exec.step.started', { executionId, stepId, stepType, action, validationResult })
  const { recordHash } = await ledger.appendRecord({
    execId: executionId,
    stepId,
    payloadCID: `${stepId}-${runtime.clock.nowMs()}`,
    actor: context.triggeredBy,
    nodeId,
    timestamp: isoTime(runtime.clock),
  })
  const result = await attempts(engine, work)
  const { isValid: validated } = await ledger.validateLedger(executionId)
  const duration = runtime.clock.monotonicMs() - startMs
  engine.executions.get(executionId)?.results.set(stepId, { success: true, result, duration })
  const timestamp = isoTime(runtime.clock)
  engine.emit('exec.step.completed', {
    executionId,
    stepId,
    success: true,
    duration,
    ledgerRecord: recordHash,
    qerberosStamp: { recordHash, validated, timestamp },
  })
  return result
}

async function validateStep(engine: ExecutionEngine, work: StepWork): Promise<PipelineResult> {
  const { executionId, step, context } = work
  const flowId = engine.executions.get(executionId)?.flowId
  const request = stepValidationRequest({
    executionId,
    step,
    context,
    registration: flowId === undefined ? undefined : engine.registrations.get(flowId),
    actions: engine.services.actions,
    timestamp: isoTime(engine.runtime.clock),
  })
  const validation = await engine.services.pipeline.validate(request)
  if (validation.overallStatus !== 'failed') return validation
  const refusal = validation.results.find(({ status }) => status === 'failed')
  const type = refusal?.layerId === 'permission' ? 'permission_denied' : 'validation_error'
  throw new ValidationFailedError(
    type,
    `Layer ${refusal?.layerId} refused step ${step.id}: ${refusal?.message}`,
  )
}

function attempts(engine: ExecutionEngine, work: StepWork): Promise<unknown> {
  const { executionId, step, context } = work
  const { timers } = engine.runtime
  const scope = scopeOf(executionId, context, engine.executions.get(executionId))
  const bound = { stepId: step.id, timeoutMs: step.timeout, timers }
  return runAttempts({
    policy: step.retryPolicy,
    timers,
    attempt: (attempt) =>
      runAttempt(bound, (signal) =>
        handle(engine, step, { executionId, context, attempt, signal, scope }),
      ),
    onRetry: ({ attempt, delayMs, error }) =>
      engine.emit('exec.step.retry', {
        executionId,
        stepId: step.id,
        attempt,
        delay: delayMs,
        error: executionErrorOf(error, isoTime(engine.runtime.clock), step.id),
      }),
  })
}

async function handle(engine: ExecutionEngine, step: FlowStep, run: StepRun): Promise<unknown> {
  switch (step.type) {
    case 'task':
      return engine.executeTask(step, run)
    case 'condition':
      return engine.executeCondition(step, run)
    case 'parallel':
      return engine.executeParallel(step, run)
    case 'event-trigger':
      return engine.executeEventTrigger(step, run)
    case 'module-call':
      return engine.executeModuleCall(step, run)
    default:
      throw new QflowError(
        'validation_error',
        `Step type ${String(step.type satisfies never)} is unknown`,
      )
  }
}

/** `details.error` is what was thrown, so that its class is not lost. */
export function executionErrorOf(
  thrown: unknown,
  timestamp: string,
  stepId?: string,
): ExecutionError {
  const { type, message, retryable, cause } = toQflowError(thrown)
  const original = thrown instanceof QflowError && cause !== undefined ? cause : thrown
  const error = { type, message, retryable, details: { error: original }, timestamp }
  return stepId === undefined ? error : { ...error, stepId }
}

function nextOf(step: FlowStep, success: boolean, result: unknown): { nextStep?: string } {
  const nextStep = nextStepId(step, success, result)
  return nextStep === undefined ? {} : { nextStep }
}
