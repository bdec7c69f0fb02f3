import { expect, test } from 'vitest'
import type { Counters } from './baseline/counters.ts'
import { createAnalyzer } from './create-analyzer.ts'
import { FlowDefinitions } from './flow-definitions.ts'
import type { FlowState } from './flow-state.ts'
import type { FlowDefinition } from './otlp/span-record.ts'

const definitionOf = (flowId: string, stepCount: number, version = '1'): FlowDefinition => ({
  flowId,
  version,
  sha256: '',
  steps: Array.from({ length: stepCount }, (_, index) => ({
    id: `${index}-`.padEnd(250, 'x'),
    type: 'task',
    action: 'http',
    steps: [`${index}-`.padEnd(250, 'y')],
  })),
})

const noFlow = (): Pick<FlowState, 'definition' | 'definitions'> => ({
  definition: undefined,
  definitions: [],
})

test('what came longest ago goes first, and is counted', () => {
  const counters: Counters = {}
  const definitions = new FlowDefinitions(20_000, counters)
  const flows = [0, 1, 2, 3].map(noFlow)
  for (const [index, flow] of flows.entries()) {
    definitions.keep(flow, definitionOf(`f${index}`, 10))
    expect(definitions.bytes).toBeLessThanOrEqual(20_000)
  }
  expect(flows.map(({ definition }) => definition?.flowId)).toEqual([
    undefined,
    undefined,
    'f2',
    'f3',
  ])
  expect(flows.map((flow) => flow.definitions.length)).toEqual([0, 0, 1, 1])
  expect(counters).toEqual({ definition_limit: 2 })
})

test('one of each version is weighed, and none that is told again twice', () => {
  const definitions = new FlowDefinitions(1e6, {})
  const flow = noFlow()
  definitions.keep(flow, definitionOf('f', 10))
  const { bytes } = definitions
  definitions.keep(flow, definitionOf('f', 10))
  expect(definitions.bytes).toBe(bytes)
  definitions.keep(flow, definitionOf('f', 10, '2'))
  expect(definitions.bytes).toBe(2 * bytes)
  definitions.drop(flow)
  expect(definitions.bytes).toBe(0)
})

test('one that is too large for all is not kept', () => {
  const counters: Counters = {}
  const definitions = new FlowDefinitions(1_000, counters)
  const flow = noFlow()
  definitions.keep(flow, definitionOf('f', 10))
  expect(flow).toEqual(noFlow())
  expect(definitions.bytes).toBe(0)
  expect(counters).toEqual({ definition_limit: 1 })
})

test('an analyzer keeps a tenth of its budget of them, however many flows are defined', () => {
  const memoryBudgetBytes = 4 * 2 ** 20
  const analyzer = createAnalyzer({ memoryBudgetBytes, activeFlowCount: 40 })
  for (let index = 0; index < 60; index++) {
    for (const version of ['1', '2']) analyzer.define(definitionOf(`f${index}`, 100, version), {})
    analyzer.advance(BigInt(index))
  }
  const counted = analyzer.losses().unjudged?.['definition_limit'] ?? 0
  expect(counted).toBeGreaterThan(100)
  expect(JSON.stringify(analyzer.snapshot()).length).toBeLessThan(memoryBudgetBytes / 4)
  // Asleep or not, what is told next is there.
  analyzer.define(definitionOf('f0', 100), {})
  expect(JSON.stringify(analyzer.snapshot())).toContain('"0-xxx')
})
