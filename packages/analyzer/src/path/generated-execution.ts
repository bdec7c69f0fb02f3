import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_SEGMENT,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_STEP_ATTEMPT,
  ATTR_QFLOW_STEP_ID,
} from '@qflow-otel/semconv'
import fc from 'fast-check'
import type { AttributeValue, FlowDefinition, SpanRecord } from '../otlp/span-record.ts'
import { buildExecution } from '../trace/build-execution.ts'
import type { Execution } from '../trace/execution.ts'
import { type DrawnPhases, spanRecord, spansFromDiagram } from '../trace/trace-diagram.ts'
import { MIN_TOGETHER_COUNT, type OrderState } from './learn-order.ts'

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
    // To any other span as well; most have none.
    links: fc.array(fc.integer({ min: -1, max: 11 }), { maxLength: 2 }),
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
  const links = draft.links.map((to) => ({ traceId: span.traceId, spanId: idOf(to) }))
  return { ...span, links, endUnixNs: hasEnded ? span.endUnixNs : 0n }
}

/** A step graph over the steps of `generatedExecution`, cycles and unknown steps included. */
export const generatedFlow: fc.Arbitrary<FlowDefinition> = fc
  .array(fc.record({ from: fc.integer({ min: 0, max: 4 }), to: fc.integer({ min: 0, max: 4 }) }), {
    maxLength: 6,
  })
  .map((edges) => ({
    flowId: 'f',
    version: '1',
    sha256: '',
    steps: edges.map(({ from, to }, index) => ({
      id: `s${from}`,
      type: 'task',
      action: 'x',
      [(['onSuccess', 'onFailure', 'onTrue', 'onFalse'] as const)[index % 4] ?? 'onSuccess']:
        `s${to}`,
    })),
  }))

/** What may have been learnt of these steps, in some order of appearance. */
export const generatedLearnt: fc.Arbitrary<OrderState> = fc
  .record({
    stepIds: fc.shuffledSubarray(['s0', 's1', 's2', 's3']),
    pairs: fc.array(
      fc.record({
        together: fc.constantFrom(0, 5, MIN_TOGETHER_COUNT),
        missed: fc.constantFrom(0, 0, 1),
        isBefore: fc.boolean(),
      }),
      { minLength: 6, maxLength: 6 },
    ),
  })
  .map(({ stepIds, pairs }) => ({
    stepIds,
    together: pairs.map((one) => one.together),
    before: pairs.map((one) => (one.isBefore ? Math.max(0, one.together - one.missed) : 0)),
    after: pairs.map((one) => (one.isBefore ? 0 : Math.max(0, one.together - one.missed))),
    unlearntCount: 0,
  }))

/**
 * How many executions are generated in a test. `pnpm study:path` raises it to 100,000
 * (docs/evidence/critical-path.md).
 */
export const GENERATED_COUNT: number = Number(process.env['GENERATED_COUNT'] ?? 3000)

/** A test's time: a literal oracle takes about 1 ms an execution. */
export const GENERATED_TIMEOUT_MS: number = Math.max(30_000, GENERATED_COUNT * 10)

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
