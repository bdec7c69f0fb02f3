export { instrumentQflow } from './by-hand.ts'
export { QflowInstrumentation } from './instrumentation.ts'
export {
  type CollectedMetrics,
  QflowMetricProducer,
  type QflowMetricProducerOptions,
} from './signals/metric-producer.ts'
export { QflowSpanProcessor } from './signals/span-processor.ts'
export type {
  BoundaryMode,
  DetailMode,
  ExecutionInfo,
  InstrumentQflowConfig,
  QflowHandle,
  QflowInstrumentationConfig,
  QflowTargets,
  StepInfo,
} from './types.ts'
