import { type ForestPlan, forestPlan } from './path/span-forest.ts'
import type { Execution } from './trace/execution.ts'
import { LaidExecution } from './trace/laid-execution.ts'
import type { SpanLayout } from './trace/span-layout.ts'
import type { ClosedExecution } from './trace/stored-execution.ts'

/** An execution to look at before the next one is read, and the plan of its forest where others have the same. */
export interface ReadExecution {
  readonly execution: Execution
  readonly plan: ForestPlan | undefined
}

interface LaidReader {
  readonly rows: LaidExecution
  plan: ForestPlan | undefined
}

/** Reads closed executions; what those of one layout have in common is made once, and lives as long as the layout. */
export class LaidReaders {
  readonly #readers = new WeakMap<SpanLayout, LaidReader>()

  read(closed: ClosedExecution): ReadExecution {
    const { stored } = closed
    const { spans } = stored
    if (spans === undefined || !('layout' in spans))
      return { execution: closed.execution, plan: undefined }
    const reader = this.#readerOf(spans.layout)
    const execution = reader.rows.read(stored, spans)
    reader.plan ??= forestPlan(execution.spans)
    return { execution, plan: reader.plan }
  }

  #readerOf(layout: SpanLayout): LaidReader {
    const known = this.#readers.get(layout)
    if (known !== undefined) return known
    const reader = { rows: new LaidExecution(layout), plan: undefined }
    this.#readers.set(layout, reader)
    return reader
  }
}
