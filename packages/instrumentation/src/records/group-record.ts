import type { FlowScope } from './flow-scope.ts'

/** One run of a parallel group; steps inside it waited since its start. */
export interface GroupRecord {
  readonly kind: 'group'
  readonly groupId: string
  readonly startNs: number
  readonly scope: FlowScope
  /** Steps that have started; one that runs again did not wait again. */
  readonly started: Set<string>
}
