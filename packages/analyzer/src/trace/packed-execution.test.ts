import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AttributeList, AttributeShape } from '../otlp/attribute-list.ts'
import { KNOWN_KEYS } from '../otlp/known-attributes.ts'
import type { SpanRecord } from '../otlp/span-record.ts'
import { generatedExecution } from '../path/generated-execution.ts'
import { buildExecution } from './build-execution.ts'
import type { Execution } from './execution.ts'
import { packExecution, unpackExecution } from './packed-execution.ts'
import { spansFromDiagram } from './trace-diagram.ts'

const drawn = spansFromDiagram(`
  flow           ==========
    step.pay      =======
      try.1       ==
      try.2          ====
      GET            ===
    step.pack            |
`)

test('an execution comes back as it was, whatever holds its attributes', () => {
  const build = (records: readonly SpanRecord[]): Execution =>
    buildExecution({ tenant: 't', executionId: 'e', records, closeReason: 'root_ended' })
  for (const records of [drawn, drawn.map(listed)])
    expect(unpackExecution(packExecution(build(records)))).toEqual(build(records))
})

test('any execution comes back as it was', () => {
  fc.assert(
    fc.property(generatedExecution, (records) => {
      const execution = buildExecution({ tenant: 't', executionId: 'e', records })
      expect(unpackExecution(packExecution(execution))).toEqual(execution)
    }),
    { numRuns: 1_000, seed: 20261104 },
  )
})

/** As the readers make it. */
function listed(record: SpanRecord): SpanRecord {
  const shape = new AttributeShape([...record.attributes.keys()], KNOWN_KEYS)
  return { ...record, attributes: new AttributeList(shape, [...record.attributes.values()]) }
}
