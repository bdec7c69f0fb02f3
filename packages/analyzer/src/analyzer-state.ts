import type { Counters } from './baseline/counters.ts'
import type { Mark } from './baseline/marks.ts'
import type { PoolSpans } from './baseline/pool-spans.ts'
import type { UsualExecutions } from './baseline/usual-executions.ts'
import type { PresentSavings } from './detect/bottleneck/present-savings.ts'
import type { AlertBook } from './explain/alert/alert-book.ts'
import type { FalseAlarmDesk } from './false-alarm-desk.ts'
import type { FlowState } from './flow-state.ts'
import type { FlowTable } from './flow-table.ts'
import type { KeptExecutions } from './kept-executions.ts'
import type { MemoryDesk } from './memory-desk.ts'
import type { Observer } from './observer.ts'
import type { FlowReport } from './report.ts'
import type { ShownEvidence } from './shown-evidence.ts'

/** All that is known beside the spans of executions under way. */
export interface AnalyzerState {
  readonly flows: FlowTable
  readonly kept: KeptExecutions
  readonly shown: ShownEvidence
  readonly observer: Observer
  /** What flows are still to learn of their last executions: settled before anybody reads it. */
  readonly usual: UsualExecutions
  /** Of each flow's present, from one judgement to the next. */
  readonly savings: PresentSavings
  /** Of all tenants, oldest first. */
  readonly marks: Mark[]
  /** Who waited for and held pooled resources lately; like the executions kept in full, no snapshot has them. */
  readonly pools: PoolSpans[]
  /** What was last reported of active flows, until another execution of them enters. */
  readonly reports: WeakMap<FlowState, FlowReport>
  /** By tenant. */
  readonly books: Map<string, AlertBook>
  readonly desk: FalseAlarmDesk
  /** The memory of processes. */
  readonly memory: MemoryDesk
  readonly counters: Counters
  /** Executions that wait in all flows weigh no more: what they did when they were last weighed, and all that came since. */
  waitingBytes: number
  /** It was made from a snapshot, and the clock has not been told since. */
  isRestored: boolean
}
