import { createAttachment } from './attachment.ts'
import type { TargetName } from './hooks/catalog.ts'
import { createTelemetry } from './telemetry.ts'
import type { InstrumentQflowConfig, QflowHandle, QflowTargets } from './types.ts'

/**
 * Instruments the given objects of an engine that no loader can see: bundled, forked, or loaded too early. Methods that are
 * instrumented already are left as they are. Phases whose object is left out are named in `qflow.step.phases.missing`.
 */
export function instrumentQflow(
  targets: QflowTargets,
  config: InstrumentQflowConfig = {},
): QflowHandle {
  const telemetry = createTelemetry(config)
  if (config.tracerProvider) telemetry.setTracerProvider(config.tracerProvider)
  if (config.meterProvider) telemetry.metrics.setProvider(config.meterProvider)
  if (config.loggerProvider) telemetry.events.setProvider(config.loggerProvider)
  const attachment = createAttachment(telemetry)
  const { enabled, isSwitchedOff } = telemetry.settings
  if (enabled && !isSwitchedOff) {
    for (const [name, object] of Object.entries(targets)) {
      // Keys that are no target have no hooks and are refused below.
      const isKnown = targetNames.has(name)
      if (isKnown) attachment.attach(name as TargetName, object)
      else telemetry.faults.log.warn(`instrumentQflow: ${name} is not an object it knows`)
    }
    if (!telemetry.reach.has('executionEngine.executeStep')) {
      telemetry.faults.log.warn(
        'instrumentQflow: expected an executionEngine with executeStep, found none; no step will be traced',
      )
    }
  }
  return {
    disable() {
      attachment.detachAll()
      telemetry.metrics.stop()
      telemetry.sampler.stop()
    },
  }
}

const targetNames: ReadonlySet<string> = new Set<TargetName>([
  'executionEngine',
  'executionLedger',
  'universalValidationPipeline',
  'resourcePoolManager',
  'resourcePool',
  'parallelExecutionEngine',
  'wasmRuntimePoolManager',
  'daoSubnetService',
  'resourceBillingService',
  'webhookService',
])
