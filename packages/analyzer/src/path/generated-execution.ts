import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_SEGMENT,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_STEP_ATTEMPT,
  ATTR_QFLOW_STEP_ID,
} from '@qflow-otel/semconv'
import fc from 'fast-check'
import type { AttributeValue, SpanRecord } from '../otlp/span-record.ts'
import { buildExecution } from '../trace/build-execution.ts'
import type { Execution } from '../trace/execution.ts'
import { type DrawnPhases, spanRecord, spansFromDiagram } from '../trace/trace-diagram.ts'

export function drawnExecution(trace: string, phases: DrawnPhases = {}): Execution {
  const records = spansFromDiagram(trace, phases)
  return buildExecution({ tenant: 't', executionId: 'e', records, closeReason: 'root_ended' })
}

const KINDS = ['step', 'step', 'try', 'foreign', 'foreign', 'validate', 'hold', 'flow'] as const

/** Times below 60 ns, far from the 1 % tolerance of overlaps; any shape, wrong ones included. */
const drafts = fc.array(
  fc.record({
    kind: fc.constantFrom(...KINDS),
    // Any other span, itself and later ones included, or one that is not there.
    parent: fc.integer({ min: -2, max: 11 }),
    startNs: fc.integer({ min: 0, max: 50 }),
    lengthNs: fc.integer({ min: 0, max: 25 }),
    hasEnded: fc.boolean(),
    work: fc.integer({ min: 0, max: 12 }),
    engine: fc.integer({ min: 0, max: 12 }),
    isExact: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
)

type Draft = typeof drafts extends fc.Arbitrary<readonly (infer D)[]> ? D : never

/** Spans of one execution: trees, orphans, cycles, segments, attempts, overhang, zero lengths, unended spans. */
export const generatedExecution: fc.Arbitrary<SpanRecord[]> = drafts.map((list) => list.map(record))

function record(draft: Draft, index: number): SpanRecord {
  const hasEnded = draft.hasEnded || draft.startNs % 4 !== 0
  const span = spanRecord({
    spanId: idOf(index),
    parentSpanId: draft.parent === -2 ? undefined : idOf(draft.parent),
    ...named(draft, index),
    startNs: draft.startNs,
    endNs: draft.startNs + draft.lengthNs,
  })
  return hasEnded ? span : { ...span, endUnixNs: 0n }
}

function idOf(index: number): string {
  return (index + 2).toString(16).padStart(16, '0')
}

function named(
  draft: Draft,
  index: number,
): { name: string; attributes: [string, AttributeValue][] } {
  const own: [string, AttributeValue][] = [
    [ATTR_QFLOW_FLOW_ID, 'f'],
    [ATTR_QFLOW_EXECUTION_ID, 'e'],
  ]
  if (draft.kind === 'foreign') return { name: `GET ${index % 3}`, attributes: [] }
  if (draft.kind === 'validate' || draft.kind === 'hold')
    return { name: `${draft.kind} x`, attributes: own }
  if (draft.kind === 'try')
    return { name: 'attempt s', attributes: [...own, [ATTR_QFLOW_STEP_ATTEMPT, index]] }
  if (draft.kind === 'flow') {
    own.push([ATTR_QFLOW_EXECUTION_SEGMENT, index])
    own.push([ATTR_QFLOW_EXECUTION_STATUS, index % 2 === 0 ? 'completed' : 'paused'])
    return { name: 'execute_flow f', attributes: own }
  }
  const engineNs = draft.isExact ? Math.max(0, draft.lengthNs - draft.work) : draft.engine
  own.push([ATTR_QFLOW_STEP_ID, `s${index % 4}`])
  own.push(['qflow.step.phase.work', draft.work / 1e9])
  own.push(['qflow.step.phase.engine', engineNs / 1e9])
  return { name: `execute_step s${index % 4}`, attributes: own }
}

/** The same every time for one seed. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const left = [...items]
  const out: T[] = []
  let state = seed
  while (left.length > 0) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    out.push(...left.splice(state % left.length, 1))
  }
  return out
}
