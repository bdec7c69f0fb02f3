import { instrumentQflow } from '@qflow-otel/instrumentation'

/** A flow of `count` tasks. */
export function flowOf(count, id = 'bench') {
  const steps = Array.from({ length: count }, (_, index) => ({
    id: `${id}-${index}`,
    type: 'task',
    action: 'qflow.action.http',
  }))
  return { id, version: '1.0.0', steps }
}

/** An engine with code of its own, instrumented or not. */
export async function createVariant(name, flow, instrument = () => {}) {
  const { Engine } = await import(`./engine.mjs?${name}`)
  const engine = new Engine()
  engine.flowDefinitions.set(flow.id, flow)
  instrument(engine)
  return { name, engine }
}

/** Ours: everything the package wraps. */
export function ours(providers) {
  return (engine) =>
    instrumentQflow(
      {
        executionEngine: engine,
        executionLedger: engine.ledger,
        universalValidationPipeline: engine.pipeline,
      },
      providers,
    )
}

/**
 * The yardstick: one asynchronous span per step with as many attributes of the same types, set one by one, and the same
 * calls wrapped by asynchronous functions that only pass on. With `isWrapping` false only the span.
 */
export function bare(tracerProvider, { attributeCount, isWrapping }) {
  const tracer = tracerProvider.getTracer('bare')
  return (engine) => {
    const prototype = Object.getPrototypeOf(engine)
    const { executeStep, startExecution, executeFlow, executeTask } = prototype
    const setAttributes = attributeSetter(attributeCount)
    prototype.executeStep = function (executionId, step, context) {
      return tracer.startActiveSpan(`execute_step ${step.id}`, async (span) => {
        try {
          return await executeStep.call(this, executionId, step, context)
        } finally {
          setAttributes(span, executionId, step)
          span.end()
        }
      })
    }
    if (!isWrapping) return
    prototype.startExecution = passing(startExecution)
    prototype.executeFlow = function (executionId) {
      return tracer.startActiveSpan('execute_flow bench', async (span) => {
        try {
          return await executeFlow.call(this, executionId)
        } finally {
          span.setAttribute('qflow.execution.id', executionId)
          span.end()
        }
      })
    }
    prototype.executeTask = passing(executeTask)
    for (const [target, name] of [
      [engine.pipeline, 'validate'],
      [engine.ledger, 'appendRecord'],
      [engine.ledger, 'validateLedger'],
    ]) {
      const owner = Object.getPrototypeOf(target)
      owner[name] = passing(owner[name])
    }
  }
}

function passing(original) {
  return async function (...args) {
    return await original.apply(this, args)
  }
}

/** Six texts, the rest numbers, as on a step span. */
function attributeSetter(count) {
  const names = Array.from({ length: count }, (_, index) => `qflow.step.attribute.${index}`)
  return (span, executionId, step) => {
    span.setAttribute(names[0], executionId)
    span.setAttribute(names[1], step.id)
    span.setAttribute(names[2], 'bench')
    span.setAttribute(names[3], '1.0.0')
    span.setAttribute(names[4], step.type)
    span.setAttribute(names[5], step.action)
    for (let index = 6; index < count; index++) span.setAttribute(names[index], index * 0.000_123)
  }
}
