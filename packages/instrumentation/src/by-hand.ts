import { type Attachment, createAttachment } from './attachment.ts'
import type { TargetName } from './hooks/catalog.ts'
import { isWrapped } from './patching/patch-set.ts'
import { isObject } from './qflow-surface.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'
import type { InstrumentQflowConfig, QflowHandle, QflowTargets } from './types.ts'

/**
 * Instruments the given objects of an engine that no loader can see: bundled, forked, or loaded too early. Methods that are
 * instrumented already are left as they are. Phases whose object is left out are named in `qflow.step.phases.missing`.
 */
export function instrumentQflow(
  targets: QflowTargets,
  config: InstrumentQflowConfig = {},
): QflowHandle {
  // Plain JavaScript may pass `null`.
  const given: InstrumentQflowConfig = isObject(config) ? config : {}
  const telemetry = createTelemetry(given)
  if (given.tracerProvider) telemetry.setTracerProvider(given.tracerProvider)
  if (given.meterProvider) telemetry.metrics.setProvider(given.meterProvider)
  if (given.loggerProvider) telemetry.events.setProvider(given.loggerProvider)
  const attachment = createAttachment(telemetry)
  const { enabled, isSwitchedOff } = telemetry.settings
  if (enabled && !isSwitchedOff) {
    telemetry.sampler.start()
    telemetry.faults.guard('instrumentQflow', () => attachAll(targets, attachment, telemetry))
  }
  return {
    disable() {
      attachment.detachAll()
      telemetry.metrics.stop()
      telemetry.sampler.stop()
    },
  }
}

/** Attaches to each target and says which could not be used. */
function attachAll(targets: unknown, attachment: Attachment, telemetry: Telemetry): void {
  const complain = (message: string) => telemetry.faults.log.warn(`instrumentQflow: ${message}`)
  if (!isObject(targets)) {
    complain(`expected an object of targets, found ${targets === null ? 'null' : typeof targets}`)
    return
  }
  for (const [name, object] of Object.entries(targets)) {
    // Keys that are no target have no hooks and are refused below.
    const isKnown = targetNames.has(name)
    if (isKnown && isObject(object)) attachment.attach(name as TargetName, object)
    else if (isKnown) complain(`expected ${name} to be an object, found ${typeof object}`)
    else complain(`${name} is not an object it knows`)
  }
  if (telemetry.reach.has('executionEngine.executeStep')) return
  const isTaken = isWrapped(targets['executionEngine'], 'executeStep')
  complain(
    isTaken
      ? 'the executionEngine is instrumented already; it stays as it is'
      : 'expected an executionEngine with executeStep, found none; no step will be traced',
  )
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
