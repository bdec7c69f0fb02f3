import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeptExecutions } from './kept-executions.ts'
import { AttributeList, AttributeShape } from './otlp/attribute-list.ts'
import { KNOWN_KEYS } from './otlp/known-attributes.ts'
import type { SpanRecord } from './otlp/span-record.ts'
import { simulatedSpans } from './simulated-spans.ts'
import { buildExecution } from './trace/build-execution.ts'
import { REMEMBERED_COUNT } from './trace/held-store.ts'
import { LayoutMemory } from './trace/layout-memory.ts'
import { closedExecution, type StoredExecution, storeExecution } from './trace/stored-execution.ts'

test('keeps the newest of each flow', () => {
  const kept = new KeptExecutions({ perFlowCount: 2, maxBytes: 1e9 })
  for (let index = 0; index < 5; index += 1) add(kept, index, { flowId: `f${index % 2}` })
  expect(idsOf(kept)).toEqual(['execution-1', 'execution-2', 'execution-3', 'execution-4'])
  expect(kept.find({ tenant: 't', executionId: 'execution-3' })?.flowId).toBe('f1')
  expect(kept.find({ tenant: 'u', executionId: 'execution-3' })).toBeUndefined()
})

test('a replacement takes the place of the earlier form', () => {
  const kept = new KeptExecutions({ perFlowCount: 2, maxBytes: 1e9 })
  add(kept, 0)
  add(kept, 1)
  add(kept, 0, { stepCount: 3 })
  expect(idsOf(kept)).toEqual(['execution-1', 'execution-0'])
  expect(kept.find({ tenant: 't', executionId: 'execution-0' })?.spanCount).toBe(4)
})

test('all flows together stay within the bound, and the last one is always kept', () => {
  // Three spans an execution weigh some 1,000 bytes.
  const kept = new KeptExecutions({ perFlowCount: 50, maxBytes: 2_600 })
  const gone = [0, 1, 2, 3].map((index) => add(kept, index, { flowId: `f${index}`, stepCount: 2 }))
  expect(gone).toEqual([0, 0, 1, 1])
  expect(idsOf(kept)).toEqual(['execution-2', 'execution-3'])
  expect(add(kept, 9, { stepCount: 40 })).toBe(2)
  expect(idsOf(kept)).toEqual(['execution-9'])
})

test('keeps what a plain list would', () => {
  const added = fc.record({
    index: fc.nat(11),
    flow: fc.nat(2),
    stepCount: fc.integer({ min: 1, max: 4 }),
    waiting: fc.nat(2),
  })
  const limits = fc.record({
    perFlowCount: fc.integer({ min: 1, max: 4 }),
    maxBytes: fc.integer({ min: 1_000, max: 9_000 }),
  })
  fc.assert(
    fc.property(fc.array(added, { maxLength: 40 }), limits, (all, { perFlowCount, maxBytes }) => {
      const kept = new KeptExecutions({ perFlowCount, maxBytes })
      let list: StoredExecution[] = []
      for (const { index, flow, stepCount, waiting } of all) {
        const one = execution(index, { flowId: `f${flow}`, stepCount })
        const isKnown = list.some(({ facts }) => facts.executionId === one.facts.executionId)
        list = [...list.filter(({ facts }) => facts.executionId !== one.facts.executionId), one]
        const count = list.length
        while (list.length > 1 && list.reduce((sum, { bytes }) => sum + bytes, 0) > maxBytes)
          list.shift()
        expect(kept.add(one.facts.flowId, one, isKnown)).toBe(count - list.length)
        const own = list.filter(({ facts }) => facts.flowId === one.facts.flowId)
        const spare = own.slice(0, Math.max(0, own.length - perFlowCount - waiting))
        list = list.filter((other) => !spare.includes(other))
        kept.trim(one.facts.flowId, waiting)
        expect(idsOf(kept)).toEqual(list.map(({ facts }) => facts.executionId))
      }
    }),
  )
})

test('an id that comes again after so many others that nobody remembers it replaces the earlier form, too', () => {
  const kept = new KeptExecutions({ perFlowCount: 2, maxBytes: 1e9 })
  add(kept, 0, { flowId: 'seldom' })
  const often = execution(1, { flowId: 'often' })
  for (let index = 0; index < REMEMBERED_COUNT; index++) {
    const facts = { ...often.facts, executionId: `often-${index}` }
    kept.add('often', { ...often, facts }, false)
    kept.trim('often', 0)
  }
  const again = execution(0, { flowId: 'seldom', stepCount: 3 })
  kept.add('seldom', again, false)
  expect(idsOf(kept)).toEqual(['often-49998', 'often-49999', 'execution-0'])
  expect(kept.find({ tenant: 't', executionId: 'execution-0' })?.spanCount).toBe(4)
})

test('the newer form of an id that came again unknown is found when the older one has gone', () => {
  const kept = new KeptExecutions({ perFlowCount: 2, maxBytes: 1e9 })
  for (const stepCount of [1, 3]) kept.add('f', execution(0, { stepCount }), false)
  expect(kept.find({ tenant: 't', executionId: 'execution-0' })?.spanCount).toBe(4)
  add(kept, 1, { flowId: 'f' })
  expect(idsOf(kept)).toEqual(['execution-0', 'execution-1'])
  expect(kept.find({ tenant: 't', executionId: 'execution-0' })?.spanCount).toBe(4)
})

test('one of a flow that seldom runs holds no block of others that went', () => {
  const layouts = new LayoutMemory()
  const kept = new KeptExecutions({ perFlowCount: 1, maxBytes: 1e9 })
  const close = (index: number, flowId: string) => {
    const { executionId, records } = inputOf(index, { flowId, stepCount: 40 })
    const listed = records.map((record) => ({ ...record, attributes: listOf(record.attributes) }))
    const input = { tenant: 't', executionId, records: listed }
    const { stored } = closedExecution(input, false, layouts)
    kept.add(flowId, stored, false)
    kept.trim(flowId, 0)
    return { stored, input }
  }
  for (let index = 0; index < 3; index++) close(index, 'seldom')
  const { stored, input } = close(3, 'seldom')
  // Rows of 41 spans: some 700 bytes of times each.
  for (let index = 4; index < 2_500; index++) close(index, 'often')
  const block = stored.spans !== undefined && 'layout' in stored.spans && stored.spans.block
  // Whoever still looked there would see it.
  if (block !== false) block.numbers.fill(0)
  const found = kept.find({ tenant: 't', executionId: 'execution-3' })
  expect(found).toEqual(buildExecution(input))
})

describe('what is pinned', () => {
  const owner = { kind: 'findings', key: 'f' } as const
  const named = (...indices: number[]) => ({
    tenant: 't',
    executionIds: indices.map((index) => `execution-${index}`),
  })

  test('stays beside the newest until nobody names it', () => {
    const kept = new KeptExecutions({ perFlowCount: 2, maxBytes: 1e9 })
    for (const index of [0, 1]) add(kept, index)
    expect(kept.pin(owner, named(0, 1))).toBe(0)
    expect(kept.pin({ kind: 'alerts', key: 't' }, named(1))).toBe(0)
    for (const index of [2, 3, 4]) add(kept, index)
    expect(idsOf(kept)).toEqual(['execution-3', 'execution-4', 'execution-0', 'execution-1'])
    expect(kept.ofFlow({ key: 'f', tenant: 't' }).isPinned()).toBe(true)
    kept.pin(owner, named())
    expect(idsOf(kept)).toEqual(['execution-3', 'execution-4', 'execution-1'])
    kept.pin({ kind: 'alerts', key: 't' }, named(4))
    expect(idsOf(kept)).toEqual(['execution-3', 'execution-4'])
  })

  test('that is gone already is not whole, and nothing was refused', () => {
    const kept = new KeptExecutions({ perFlowCount: 1, maxBytes: 1e9 })
    for (const index of [0, 1]) add(kept, index)
    const flow = kept.ofFlow({ key: 'f', tenant: 't' })
    expect(flow.pin(['execution-0', 'execution-1'])).toBe(0)
    expect(flow.isPinned()).toBe(false)
    expect(flow.isKept('execution-0')).toBe(false)
    expect(flow.isKept('execution-1')).toBe(true)
  })

  test('is what the execution became when spans came late', () => {
    const kept = new KeptExecutions({ perFlowCount: 1, maxBytes: 1e9 })
    add(kept, 0)
    kept.pin(owner, named(0))
    add(kept, 0, { stepCount: 3 })
    for (const index of [1, 2]) add(kept, index)
    expect(kept.find({ tenant: 't', executionId: 'execution-0' })?.spanCount).toBe(4)
  })

  test('weighs no more than its part, which the newest then lack; each refusal counts once', () => {
    const { bytes } = execution(0)
    // Of 8.5 findings may hold two, and alerts four.
    const kept = new KeptExecutions({ perFlowCount: 50, maxBytes: 8.5 * bytes })
    for (const index of [0, 1, 2]) add(kept, index)
    expect(kept.pin(owner, named(0, 1, 2))).toBe(1)
    expect(kept.pin(owner, named(0, 1, 2))).toBe(0)
    expect(kept.pin({ kind: 'alerts', key: 't' }, named(2))).toBe(0)
    expect(kept.pin(owner, named(0, 1, 2))).toBe(0)
    for (let index = 3; index < 20; index++) add(kept, index)
    const pinned = [0, 1, 2]
    expect(idsOf(kept)).toEqual(
      [15, 16, 17, 18, 19, ...pinned].map((index) => `execution-${index}`),
    )
  })

  test('holds no block of others', () => {
    const layouts = new LayoutMemory()
    const kept = new KeptExecutions({ perFlowCount: 1, maxBytes: 1e9 })
    const close = (index: number) => {
      const { executionId, records } = inputOf(index, { stepCount: 40 })
      const listed = records.map((record) => ({ ...record, attributes: listOf(record.attributes) }))
      const input = { tenant: 't', executionId, records: listed }
      const { stored } = closedExecution(input, false, layouts)
      kept.add('f', stored, false)
      return { stored, input }
    }
    for (let index = 0; index < 3; index++) close(index)
    const { stored, input } = close(3)
    kept.pin(owner, named(3))
    close(4)
    kept.trim('f', 0)
    const block = stored.spans !== undefined && 'layout' in stored.spans && stored.spans.block
    expect(block).not.toBe(false)
    if (block !== false) block.numbers.fill(0)
    expect(kept.find({ tenant: 't', executionId: 'execution-3' })).toEqual(buildExecution(input))
  })
})

const shapes = new Map<string, AttributeShape>()

function listOf(attributes: SpanRecord['attributes']): AttributeList {
  const keys = [...attributes.keys()].join()
  const shape = shapes.get(keys) ?? new AttributeShape([...attributes.keys()], KNOWN_KEYS)
  shapes.set(keys, shape)
  return new AttributeList(shape, [...attributes.values()])
}

function add(
  kept: KeptExecutions,
  index: number,
  shape: Parameters<typeof execution>[1] = {},
): number {
  const one = execution(index, shape)
  const isKnown = kept.has({ tenant: 't', executionId: `execution-${index}` })
  const goneCount = kept.add(one.facts.flowId, one, isKnown)
  kept.trim(one.facts.flowId, 0)
  return goneCount
}

function execution(index: number, shape: Parameters<typeof inputOf>[1] = {}): StoredExecution {
  const input = inputOf(index, shape)
  return storeExecution(buildExecution(input), input)
}

function inputOf(
  index: number,
  { flowId = 'f', stepCount = 1 }: { flowId?: string; stepCount?: number } = {},
) {
  const steps = Array.from({ length: stepCount }, (_, at) => ({ id: `s${at}`, durationMs: 1 }))
  const records = simulatedSpans({ index, startUnixNs: 1_700_000_000n, steps, flowId })
  return { tenant: 't', executionId: `execution-${index}`, records }
}

function idsOf(kept: KeptExecutions): string[] {
  return [...kept.facts()].map(({ executionId }) => executionId)
}
