export { instrumentQflow } from './by-hand.ts'
export { QflowInstrumentation } from './instrumentation.ts'
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
