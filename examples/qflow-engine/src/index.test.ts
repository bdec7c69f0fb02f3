import { expect, test } from 'vitest'
import { ResourceBillingService } from './billing/ResourceBillingService.ts'
import { ExecutionEngine } from './core/ExecutionEngine.ts'
import { ExecutionLedger } from './core/ExecutionLedger.ts'
import { FlowParser } from './core/FlowParser.ts'
import { QflowEventEmitter } from './events/EventEmitter.ts'
import { DAOSubnetService } from './governance/DAOSubnetService.ts'
import * as qflow from './index.ts'
import { ParallelExecutionEngine } from './optimization/ParallelExecutionEngine.ts'
import { ResourcePool, ResourcePoolManager } from './optimization/ResourcePoolManager.ts'
import { SignedValidationCache } from './validation/SignedValidationCache.ts'
import { UniversalValidationPipeline } from './validation/UniversalValidationPipeline.ts'
import { WebhookService } from './webhooks/WebhookService.ts'

test('the main entry exports these names', () => {
  expect(Object.keys(qflow).sort()).toEqual([
    'FlowDefinitionError',
    'HttpRequestError',
    'HttpStatusError',
    'KeyRing',
    'ParallelExecutionEngine',
    'QflowError',
    'ResourcePoolManager',
    'SignedValidationCache',
    'StepTimeoutError',
    'ValidationFailedError',
    'actionRegistry',
    'createActionRegistry',
    'createQflow',
    'createVirtualTime',
    'daoSubnetService',
    'executionEngine',
    'executionLedger',
    'flowParser',
    'initializeQflow',
    'keyRing',
    'qflowEventEmitter',
    'resourceBillingService',
    'shutdownQflow',
    'signWebhookBody',
    'signedValidationCache',
    'systemRuntime',
    'universalValidationPipeline',
    'webhookService',
  ])
})

/** What Qflow's users and tools hook: ordinary methods of the prototype. */
const surface: readonly (readonly [string, object, readonly string[]])[] = [
  [
    'ExecutionEngine',
    ExecutionEngine.prototype,
    [
      'registerFlow',
      'startExecution',
      'executeFlow',
      'executeStep',
      'executeTask',
      'executeCondition',
      'executeParallel',
      'executeEventTrigger',
      'executeModuleCall',
      'handleExecutionError',
      'pauseExecution',
      'resumeExecution',
      'abortExecution',
      'getExecutionStatus',
      'getAllExecutions',
      'cleanupExecutions',
      'releaseDAOResources',
      'getOptimizationMetrics',
      'cleanup',
    ],
  ],
  ['ExecutionLedger', ExecutionLedger.prototype, ['initialize', 'appendRecord', 'validateLedger']],
  ['FlowParser', FlowParser.prototype, ['parseFlow']],
  [
    'UniversalValidationPipeline',
    UniversalValidationPipeline.prototype,
    [
      'initialize',
      'validate',
      'executeLayer',
      'executeWithTimeout',
      'registerLayer',
      'unregisterLayer',
    ],
  ],
  ['SignedValidationCache', SignedValidationCache.prototype, ['get', 'set', 'getStatistics']],
  [
    'ResourcePoolManager',
    ResourcePoolManager.prototype,
    ['createPool', 'getPool', 'getAllStats', 'cleanup'],
  ],
  [
    'ResourcePool',
    ResourcePool.prototype,
    [
      'acquire',
      'release',
      'waitForResource',
      'createResource',
      'destroyResource',
      'resize',
      'getStats',
    ],
  ],
  [
    'ParallelExecutionEngine',
    ParallelExecutionEngine.prototype,
    [
      'executeParallel',
      'executeGroup',
      'executeStepWithRetry',
      'executeStepOnResource',
      'acquireExecutionResource',
      'releaseExecutionResource',
      'analyzeSteps',
    ],
  ],
  [
    'DAOSubnetService',
    DAOSubnetService.prototype,
    ['validateDAOExecution', 'evaluatePolicy', 'allocateResources', 'releaseResources'],
  ],
  [
    'ResourceBillingService',
    ResourceBillingService.prototype,
    ['canAllocateResources', 'trackExecutionUsage', 'initializeTenant'],
  ],
  [
    'QflowEventEmitter',
    QflowEventEmitter.prototype,
    ['emit', 'on', 'off', 'subscribe', 'unsubscribe'],
  ],
  ['WebhookService', WebhookService.prototype, ['processWebhookEvent', 'processQueuedEvent']],
]

test.each(surface)(
  '%s has its methods on the prototype and no accessors',
  (_name, prototype, methods) => {
    const descriptors = Object.getOwnPropertyDescriptors(prototype)
    const accessors = Object.entries(descriptors).filter(([, descriptor]) => 'get' in descriptor)
    expect(accessors).toEqual([])
    expect(Object.keys(descriptors)).toEqual(expect.arrayContaining([...methods]))
  },
)
