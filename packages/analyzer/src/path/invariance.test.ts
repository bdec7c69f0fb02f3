import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SpanRecord } from '../otlp/span-record.ts'
import { buildExecution } from '../trace/build-execution.ts'
import type { Execution } from '../trace/execution.ts'
import { criticalPath } from './critical-path.ts'
import { type FlowOrder, flowOrder } from './flow-order.ts'
import {
  GENERATED_COUNT,
  GENERATED_TIMEOUT_MS,
  generatedExecution,
  generatedFlow,
  shuffled,
} from './generated-execution.ts'
import { pathTotals } from './phases.ts'
import { durationWith } from './resimulate.ts'
import { slack } from './slack.ts'

/** By whole ms: a clock of whole ms is told by them (`whole-ms-starts.ts`). */
const shifts = fc.bigInt(0n, 10n ** 9n).map((ms) => ms * 1_000_000n)

test(
  'neither the order of the spans nor when it all happened changes anything, and nothing is changed',
  () => {
    fc.assert(
      fc.property(
        generatedExecution,
        generatedFlow,
        fc.nat(),
        shifts,
        (records, flow, seed, by) => {
          const order = flowOrder(flow)
          const before = built(records)
          const copy = structuredClone(before)
          const answers = answersOf(before, order)
          expect(before).toEqual(copy)
          const after = built(shuffled(records, seed).map((record) => shifted(record, by)))
          expect({ ...after, startUnixNs: before.startUnixNs }).toEqual(before)
          expect(answersOf(after, order)).toEqual(answers)
        },
      ),
      { numRuns: GENERATED_COUNT, seed: 20261101 },
    )
  },
  GENERATED_TIMEOUT_MS,
)

function built(records: readonly SpanRecord[]): Execution {
  return buildExecution({ tenant: 't', executionId: 'e', records })
}

function shifted(record: SpanRecord, by: bigint): SpanRecord {
  const endUnixNs = record.endUnixNs === 0n ? 0n : record.endUnixNs + by
  return { ...record, startUnixNs: record.startUnixNs + by, endUnixNs }
}

function answersOf(execution: Execution, order: FlowOrder): unknown {
  const path = criticalPath(execution, order)
  const place = { stepId: 's0', phase: 'work' as const }
  return {
    path,
    totals: pathTotals(execution, path),
    slack: slack(execution, order),
    halfNs: durationWith(execution, { place, ratio: 0.5 }, order),
  }
}
