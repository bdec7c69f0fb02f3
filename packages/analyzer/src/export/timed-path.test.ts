import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawnExecution, generatedExecution, shuffled } from '../path/generated-execution.ts'
import { buildExecution } from '../trace/build-execution.ts'
import { DIAGRAM_START_UNIX_NS, spansFromDiagram } from '../trace/trace-diagram.ts'
import { type TimedPath, timedPath } from './timed-path.ts'

const cases = [
  {
    name: 'an execution of a flow',
    trace: `
      flow      ==========
        step.a   ===
          GET     =
        step.b      =====`,
    tiles:
      '0-10: execute_flow f 0-1, execute_step a 1-2, GET 2-3, execute_step a 3-4, execute_step b 4-9, execute_flow f 9-10',
  },
  {
    name: 'a trace without a flow',
    trace: `
      GET       ==========
        SELECT   ===
        render       ====`,
    tiles: '0-10: GET 0-1, SELECT 1-4, GET 4-5, render 5-9, GET 9-10',
  },
  {
    name: 'what outlives the root, and what starts before it, is not waited for',
    trace: `
      GET         ======
        early   ====
        audit        =======`,
    tiles: '2-8: early 2-4, GET 4-5, audit 5-8',
  },
  {
    name: 'without a root that covers it the execution is tiled, and what no span covers has none',
    trace: `
      POST      ===
      work           ====`,
    tiles: '0-9: POST 0-3, - 3-5, work 5-9',
  },
  {
    name: 'a span that lost its parent stands beside the root',
    trace: `
      GET       =====
      lost        ==`,
    tiles: '0-5: GET 0-5',
  },
  {
    name: 'a pause',
    trace: `
      flow.paused ===
      flow            ==`,
    tiles: '0-6: execute_flow f 0-3, - 3-4, execute_flow f 4-6',
  },
  {
    name: 'a root without length has no segments',
    trace: `
      GET |`,
    tiles: '0-0: ',
  },
]

test.each(cases)('$name', ({ trace, tiles }) => {
  expect(show(timedPath(drawnExecution(trace)))).toBe(tiles)
})

test('times are exact beyond 2^53', () => {
  const records = spansFromDiagram('GET ===').map((record) => ({
    ...record,
    startUnixNs: 1_795_471_392_000_000_001n,
    endUnixNs: 1_795_471_392_000_000_004n,
  }))
  const path = timedPath(buildExecution({ tenant: 't', executionId: 'e', records }))
  expect(path.segments).toMatchObject([
    { startUnixNs: 1_795_471_392_000_000_001n, endUnixNs: 1_795_471_392_000_000_004n },
  ])
})

test('2,000 generated executions: the root is tiled exactly, whatever the order of the spans', () => {
  fc.assert(
    fc.property(generatedExecution, fc.nat(), (records, seed) => {
      const path = timedPath(buildExecution({ tenant: 't', executionId: 'e', records }))
      let atUnixNs = path.startUnixNs
      for (const { startUnixNs, endUnixNs } of path.segments) {
        expect(startUnixNs).toBe(atUnixNs)
        expect(endUnixNs).toBeGreaterThan(startUnixNs)
        atUnixNs = endUnixNs
      }
      expect(atUnixNs).toBe(path.endUnixNs)
      const ofSpan = records.find(({ spanId }) => spanId === path.root?.spanId)
      if (ofSpan !== undefined) expect(path.startUnixNs).toBe(ofSpan.startUnixNs)
      const again = buildExecution({
        tenant: 't',
        executionId: 'e',
        records: shuffled(records, seed),
      })
      expect(timedPath(again)).toEqual(path)
    }),
    { numRuns: 2_000, seed: 20261101 },
  )
})

function show({ startUnixNs, endUnixNs, segments }: TimedPath): string {
  const at = (unixNs: bigint) => String(unixNs - DIAGRAM_START_UNIX_NS)
  const tiles = segments.map(
    (one) => `${one.spanName ?? '-'} ${at(one.startUnixNs)}-${at(one.endUnixNs)}`,
  )
  return `${at(startUnixNs)}-${at(endUnixNs)}: ${tiles.join(', ')}`
}
