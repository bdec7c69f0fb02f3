import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  axisTicksNs,
  extentOf,
  movedIndex,
  pathTiles,
  rowsOnPath,
  visibleRows,
  waterfallRows,
} from './waterfall-layout.ts'
import type { ExecutionAnswer, SpanAnswer } from './wire.ts'

function span(id: string, parent: string | undefined, ns: readonly [number, number]): SpanAnswer {
  return {
    spanId: id,
    traceId: 't',
    parentSpanId: parent,
    parentRow: parent === undefined ? -1 : 0,
    name: `name of ${id}`,
    kind: 'internal',
    role: id.startsWith('f') ? 'foreign' : 'step',
    startNs: ns[0],
    endNs: ns[1],
    isError: false,
    serviceName: undefined,
    attributes: {},
    depth: parent === undefined ? 0 : 1,
  }
}

function answer(
  spans: readonly SpanAnswer[],
  path: readonly (readonly [row: number, startNs: number, endNs: number])[],
): ExecutionAnswer {
  return {
    execution: {
      tenant: 'default',
      executionId: 'e',
      flowId: 'f',
      flowVersion: undefined,
      serviceVersion: undefined,
      node: undefined,
      traceIds: ['t'],
      parentExecutionId: undefined,
      triggerType: undefined,
      weight: 1,
      startUnixNs: '0',
      durationNs: 100,
      activeNs: 100,
      status: 'completed',
      errorType: undefined,
      closeReason: 'root_ended',
      spans,
      steps: [],
      spanCount: spans.length,
      flags: [],
    },
    path: path.map(([spanIndex, startNs, endNs]) => ({
      spanId: spans[spanIndex]?.spanId,
      spanIndex,
      stepId: 'pay',
      phase: 'work' as const,
      startNs,
      endNs,
    })),
    totals: [],
    comparison: undefined,
    findings: [],
  }
}

/*
 *      0    20        60    100
 * a    ────────────────────────
 * f1        ──────────
 * b              ───────
 * path aaaaaf1f1f1f1f1aaaaaaaaa
 */
const example = answer(
  [span('a', undefined, [0, 100]), span('f1', 'a', [20, 60]), span('b', 'a', [40, 70])],
  [
    [0, 0, 20],
    [1, 20, 60],
    [0, 60, 100],
  ],
)

describe('rows', () => {
  test('a row knows where it is on the path', () => {
    const [a, f1, b] = waterfallRows(example)
    expect(a?.onPath).toEqual([
      { startRatio: 0, widthRatio: 0.2 },
      { startRatio: 0.6, widthRatio: 0.4 },
    ])
    expect(a?.pathNs).toBe(60)
    expect(f1?.pathNs).toBe(40)
    expect(b?.onPath).toEqual([])
  })

  test('only the path, with the parents that lead to it', () => {
    const parentOffPath = answer(example.execution.spans, [[1, 20, 60]])
    expect(rowsOnPath(waterfallRows(parentOffPath)).map((row) => row.span.spanId)).toEqual([
      'a',
      'f1',
    ])
  })

  test('a span before its execution and a bar of no length stay on the axis', () => {
    expect(extentOf({ startNs: -50, endNs: 50 }, 100)).toEqual({ startRatio: 0, widthRatio: 0.5 })
    expect(extentOf({ startNs: 0, endNs: 0 }, 0)).toEqual({ startRatio: 0, widthRatio: 1 })
  })
})

test('tiles cover the path without gap or overlap, and are few', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 500 })
  fc.assert(
    fc.property(lengths, (segmentLengths) => {
      let endNs = 0
      const path = segmentLengths.map((length) => {
        const startNs = endNs
        endNs += length
        return [0, startNs, endNs] as const
      })
      const tiles = pathTiles(answer([], path), { totalNs: endNs, smallestRatio: 0.01 })
      expect(tiles.length).toBeLessThanOrEqual(101)
      expect(tiles.reduce((sum, { segmentCount }) => sum + segmentCount, 0)).toBe(path.length)
      expect(tiles[0]?.startNs).toBe(0)
      expect(tiles.at(-1)?.endNs).toBe(endNs)
      tiles.slice(1).forEach((tile, index) => {
        expect(tile.startNs).toBe(tiles[index]?.endNs)
      })
    }),
  )
})

/*
 *           0         41        90   93     100
 * fetch     ───────────────────────────
 * GET                 ──────────
 * path      fffffffffffGGGGGGGGGffff f = 41 validation, 2 work, 1 ledger of 44 ns
 */
describe('the kinds of time in a tile', () => {
  const ownPhases = [
    { phase: 'validation', ratio: 41 / 44 },
    { phase: 'work', ratio: 2 / 44 },
    { phase: 'ledger', ratio: 1 / 44 },
  ] as const
  const own = { spanId: 'f', spanIndex: 0, stepId: 'fetch', phase: undefined, ownPhases }
  const path = [
    { ...own, startNs: 0, endNs: 41 },
    { spanId: 'G', spanIndex: 1, stepId: 'fetch', phase: 'work', startNs: 41, endNs: 90 },
    { ...own, startNs: 90, endNs: 93 },
    { spanId: 'x', spanIndex: 2, stepId: undefined, phase: undefined, startNs: 93, endNs: 100 },
  ] as const

  test('of a step its phases, in the order of bars; of a span that tells it, that', () => {
    const tiles = pathTiles({ path }, { totalNs: 100, smallestRatio: 0.01 })
    expect(tiles.map(({ parts }) => parts)).toEqual([
      [
        { kind: 'validation', ratio: expect.closeTo(41 / 44, 9) },
        { kind: 'work', ratio: expect.closeTo(2 / 44, 9) },
        { kind: 'ledger', ratio: expect.closeTo(1 / 44, 9) },
      ],
      [{ kind: 'work', ratio: 1 }],
      expect.arrayContaining([{ kind: 'validation', ratio: expect.closeTo(41 / 44, 9) }]),
      [{ kind: 'other', ratio: 1 }],
    ])
  })

  test('whatever is drawn as one, each kind has the room of its time', () => {
    for (const smallestRatio of [0.01, 0.45, 1]) {
      const sums: Record<string, number> = {}
      for (const { parts, widthRatio } of pathTiles({ path }, { totalNs: 100, smallestRatio }))
        for (const { kind, ratio } of parts) sums[kind] = (sums[kind] ?? 0) + ratio * widthRatio
      expect(sums['validation']).toBeCloseTo(0.41, 9)
      expect(sums['work']).toBeCloseTo(0.51, 9)
      expect(sums['ledger']).toBeCloseTo(0.01, 9)
      expect(sums['other']).toBeCloseTo(0.07, 9)
    }
  })
})

test.each([
  [100, 5, [0, 20, 40, 60, 80]],
  [133e6, 6, [0, 50e6, 100e6]],
  [0, 6, [0]],
])('ticks of %d ns', (totalNs, maxCount, ticks) => {
  expect(axisTicksNs(totalNs, maxCount)).toEqual(ticks)
})

test('of 10,000 rows only those in view are drawn', () => {
  const view = { scrollTopPx: 32_000, heightPx: 640, rowHeightPx: 32, rowCount: 10_000 }
  expect(visibleRows(view)).toEqual({ first: 992, end: 1028 })
  expect(visibleRows({ ...view, rowCount: 3 })).toEqual({ first: 3, end: 3 })
})

test.each([
  ['ArrowDown', 5],
  ['ArrowUp', 3],
  ['PageDown', 9],
  ['PageUp', 0],
  ['Home', 0],
  ['End', 9],
  ['x', undefined],
  ['constructor', undefined],
])('key %s moves to %s', (key, index) => {
  expect(movedIndex(key, { index: 4, count: 10, pageCount: 8 })).toBe(index)
})
