import type { ObservationPlan } from './baseline/observe.ts'
import { PlaceTotals } from './path/path-total.ts'
import { forestPlan } from './path/span-forest.ts'
import type { Execution } from './trace/execution.ts'
import { LaidExecution } from './trace/laid-execution.ts'
import type { SpanLayout } from './trace/span-layout.ts'
import type { ClosedExecution } from './trace/stored-execution.ts'

/** An execution to look at before the next one is read, and what others of the same spans share with it. */
export interface ReadExecution {
  readonly execution: Execution
  readonly plan: ObservationPlan | undefined
  /** None of its spans is a detail span. */
  readonly isWithoutDetails: boolean
}

interface LaidReader {
  readonly rows: LaidExecution
  plan: ObservationPlan | undefined
}

/** Reads closed executions; what those of one layout have in common is made once, and lives as long as the layout. */
export class LaidReaders {
  readonly #readers = new WeakMap<SpanLayout, LaidReader>()

  read(closed: ClosedExecution): ReadExecution {
    const { stored } = closed
    const { spans } = stored
    if (spans === undefined || !('layout' in spans))
      return { execution: closed.execution, plan: undefined, isWithoutDetails: false }
    const reader = this.#readerOf(spans.layout)
    const execution = reader.rows.read(stored, spans)
    reader.plan ??= { forest: forestPlan(execution.spans), totals: new PlaceTotals() }
    return { execution, plan: reader.plan, isWithoutDetails: !spans.layout.hasDetails }
  }

  #readerOf(layout: SpanLayout): LaidReader {
    const known = this.#readers.get(layout)
    if (known !== undefined) return known
    const reader = { rows: new LaidExecution(layout), plan: undefined }
    this.#readers.set(layout, reader)
    return reader
  }
}
