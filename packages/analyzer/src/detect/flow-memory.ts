import { type Circumstances, noCircumstances } from '../baseline/circumstances.ts'
import { type Failures, noFailures } from '../baseline/failures.ts'
import { emptyHistory, type History } from '../baseline/history.ts'
import { noTraffic, type Traffic } from '../baseline/traffic.ts'
import { noVariants, type Variants } from '../baseline/variants.ts'

/** What is remembered of a flow, and by what its executions can be told apart. */
export interface FlowMemory {
  readonly history: History
  readonly failures: Failures
  readonly traffic: Traffic
  readonly circumstances: Circumstances
  readonly variants: Variants
}

/** Of a flow of which nothing was seen yet. */
export function emptyFlowMemory(): FlowMemory {
  return {
    history: emptyHistory(),
    failures: noFailures(),
    traffic: noTraffic(),
    circumstances: noCircumstances(),
    variants: noVariants(),
  }
}
