import type { FlowDefinition, SpanRecord, StartedExecution } from '@qflow-otel/analyzer'
import type { InputDocument } from './documents.ts'
import { InputError, type InputProblem } from './input-error.ts'

export interface DecodedDocument {
  readonly spans: readonly SpanRecord[]
  readonly flows: readonly FlowDefinition[]
  readonly started: readonly StartedExecution[]
  /** Spans and events that could not be used. */
  readonly problemCount: number
  /** The first of them. */
  readonly problems: readonly InputProblem[]
  readonly clipped: Readonly<Record<string, number>>
}

export function decodeDocument(document: InputDocument): DecodedDocument {
  throw new InputError({ at: `byte ${document.byteOffset}`, expected: 'a decoder', found: 'none' })
}
