import type { FlowDefinition } from '../otlp/span-record.ts'
import type { Execution, Phase } from '../trace/execution.ts'

/** What takes no time in the simulation: a phase of a step (no step: between steps), or spans of one name. */
export type Removal =
  | { readonly stepId: string | undefined; readonly phase: Phase }
  | { readonly spanName: string; readonly stepId?: string | undefined }

/** Duration of the execution in ns if `removal` took 0 ms. */
export function durationWithout(
  execution: Execution,
  _removal: Removal,
  _flow?: FlowDefinition,
): number {
  return execution.durationNs
}
