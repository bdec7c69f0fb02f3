import { DecodeTally } from './decode-tally.ts'
import { qflowEvent, type RawEvent } from './qflow-events.ts'
import type { DecodedLogs, FlowDefinition, StartedExecution } from './span-record.ts'
import { orRejected } from './traces-json.ts'

/** Gathers our events out of log records, whatever format carries them. */
export class EventCollection {
  readonly tally: DecodeTally = new DecodeTally()
  logRecordCount = 0
  readonly #flows: FlowDefinition[] = []
  readonly #started: StartedExecution[] = []

  add(raw: RawEvent, at: string): void {
    const event = orRejected(this.tally, () => qflowEvent(raw, at))
    if (event?.kind === 'flow_defined') this.#flows.push(event.flow)
    if (event?.kind === 'execution_started') this.#started.push(event.started)
  }

  result(): DecodedLogs {
    return {
      logRecordCount: this.logRecordCount,
      flows: this.#flows,
      started: this.#started,
      ...this.tally.losses(),
    }
  }
}
