export { actionRegistry, createActionRegistry } from './actions/BuiltInActions.ts'
export { HttpRequestError, HttpStatusError } from './actions/HttpAction.ts'
export { resourceBillingService } from './billing/ResourceBillingService.ts'
export type { ActionCall, ActionHandler, ActionParams, ActionSpec } from './core/ActionRegistry.ts'
export { type EngineOptions, executionEngine } from './core/ExecutionEngine.ts'
export { executionLedger } from './core/ExecutionLedger.ts'
export { FlowDefinitionError, type FlowIssue } from './core/FlowCheck.ts'
export { flowParser, type ParseResult } from './core/FlowParser.ts'
export {
  createQflow,
  initializeQflow,
  type QflowInstance,
  shutdownQflow,
} from './core/QflowInstance.ts'
export { type Clock, type Runtime, systemRuntime, type Timers } from './core/Runtime.ts'
export { createVirtualTime, type VirtualTime } from './core/VirtualTime.ts'
export { KeyRing, keyRing } from './crypto/KeyRing.ts'
export { qflowEventEmitter } from './events/EventEmitter.ts'
export { daoSubnetService } from './governance/DAOSubnetService.ts'
export type {
  ExecutionContext,
  ExecutionError,
  ExecutionState,
  ExecutionStatus,
  StepResult,
  TriggerType,
} from './models/Execution.ts'
export type {
  FlowDefinition,
  FlowMetadata,
  FlowStep,
  RetryPolicy,
  StepType,
} from './models/FlowDefinition.ts'
export {
  type ErrorType,
  QflowError,
  StepTimeoutError,
  ValidationFailedError,
} from './models/QflowError.ts'
export type { PipelineResult, ValidationResult } from './models/Validation.ts'
export { ParallelExecutionEngine } from './optimization/ParallelExecutionEngine.ts'
export { ResourcePoolManager } from './optimization/ResourcePoolManager.ts'
export { SignedValidationCache, signedValidationCache } from './validation/SignedValidationCache.ts'
export { universalValidationPipeline } from './validation/UniversalValidationPipeline.ts'
export { signWebhookBody, type WebhookConfig, webhookService } from './webhooks/WebhookService.ts'
