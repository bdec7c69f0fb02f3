import type {
  DecodeLosses,
  FlowDefinition,
  SpanRecord,
  StartedExecution,
} from '@qflow-otel/analyzer'
import type { Encoding, SignalName } from './signal.ts'

/** What one request held. */
export interface DecodedBody extends DecodeLosses {
  /** Spans, metric points or log records, readable or not. */
  readonly itemCount: number
  readonly spans: readonly SpanRecord[]
  readonly started: readonly StartedExecution[]
  readonly flows: readonly FlowDefinition[]
}

/** A body that cannot be read at all: nothing of it is kept. */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError'
  /** Where it broke, e.g. `byte 4711`. */
  readonly at: string | undefined

  constructor(message: string, at?: string) {
    super(message)
    this.at = at
  }
}

/** Reads a body of a signal; throws `UndecodableError`. */
export type Decode = (signal: SignalName, encoding: Encoding, body: Buffer) => DecodedBody
