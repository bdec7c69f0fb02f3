import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PoolSpan, type PoolSpans, poolSpansOf } from '../../baseline/pool-spans.ts'
import { type PoolContention, poolContention } from './contention.ts'

const MS_NS = 1_000_000n

//                          0         10        20        30 ms
//   wait   order.pay           ├─────────────────┤              18
//   hold   order.pay      ├─────────┤                           8 of them
//   hold   returns.label       ├──────────────┤                15 of them
test('a wait is explained by those who held meanwhile', () => {
  const found = poolContention(
    pool({
      waits: [span('order', 'pay', [2, 20])],
      holds: [span('order', 'pay', [0, 10]), span('returns', 'label', [2, 17])],
    }),
  )
  expect(found).toMatchObject({ pool: 'printers', waitCount: 1, waitMs: 18, unexplainedMs: 3 })
  expect(found?.holders.map(({ flowId, stepId, heldMs }) => [flowId, stepId, heldMs])).toEqual([
    ['returns', 'label', 15],
    ['order', 'pay', 8],
  ])
  expect(found?.holders[0]?.share).toBeCloseTo(15 / 23, 9)
  expect(found?.waiters).toEqual([{ flowId: 'order', stepId: 'pay', waitCount: 1, waitMs: 18 }])
  expect(found?.use).toMatchObject({ holdCount: 2, maxHeldCount: 2, windowMs: 17 })
  expect(found?.use?.meanHeldCount).toBeCloseTo(25 / 17, 9)
})

test('figures are equal to the last digit in whatever order spans came', () => {
  const odd = (index: number): [number, number] => [
    index * 1.1 + 0.000_001 * index ** 2,
    index * 2.3 + 0.7,
  ]
  const holds = Array.from({ length: 40 }, (_, index) => exact('returns', odd(index)))
  const waits = Array.from({ length: 40 }, (_, index) => exact('order', odd(index + 3)))
  const backwards = pool({ waits: waits.toReversed(), holds: holds.toReversed() })
  expect(poolContention(backwards)).toEqual(poolContention(pool({ waits, holds })))
})

/** Times in ms down to the ns. */
function exact(flowId: string, [startMs, endMs]: [number, number]): PoolSpan {
  const [startUnixNs, endUnixNs] = [startMs, endMs].map((ms) => BigInt(Math.round(ms * 1e6)))
  const whole = span(flowId, 'pay', [0, 1])
  return {
    ...whole,
    spanId: `${flowId} ${startUnixNs}`,
    startUnixNs: startUnixNs ?? 0n,
    endUnixNs: endUnixNs ?? 0n,
  }
}

describe('what is not known is not told', () => {
  test('a wait without any hold has no holder', () => {
    const found = poolContention(pool({ waits: [span('order', 'pay', [0, 10])], holds: [] }))
    expect(found).toMatchObject({ waitMs: 10, unexplainedMs: 10, holders: [], use: undefined })
  })

  test('a wait from before the oldest hold that is known is left out', () => {
    const waits = [span('order', 'pay', [0, 10]), span('order', 'pay', [30, 40])]
    const found = poolContention({
      ...pool({ waits, holds: [] }),
      forgottenUntilUnixNs: 20n * MS_NS,
      forgottenHoldCount: 7,
    })
    expect(found).toMatchObject({ waitCount: 1, forgottenCount: 7 })
  })

  test('nothing at all is nothing', () => {
    expect(poolContention(pool({ waits: [], holds: [] }))).toBeUndefined()
  })
})

test('the clearest executions are the evidence', () => {
  const holds = Array.from({ length: 5 }, (_, at) => ({
    ...span('order', 'pay', [0, 10 + at]),
    executionId: `execution-${at}`,
  }))
  const asked = pool({ waits: [span('order', 'pay', [0, 100])], holds })
  const idsOf = (isKept?: (executionId: string) => boolean) =>
    poolContention(asked, isKept)?.holders[0]?.executionIds
  expect(idsOf()).toEqual(['execution-4', 'execution-3', 'execution-2'])
  expect(idsOf((id) => id < 'execution-2')).toEqual(['execution-1', 'execution-0'])
  expect(idsOf(() => false)).toEqual(idsOf())
})

const interval = fc
  .tuple(fc.nat({ max: 50 }), fc.nat({ max: 30 }))
  .map(([startMs, ms]) => [startMs, startMs + ms] as const)
const spans = fc.array(
  fc
    .tuple(fc.constantFrom('a', 'b', 'c'), interval, fc.nat({ max: 3 }))
    .map(([stepId, times, id]) => ({ ...span('order', stepId, times), spanId: `s${id}` })),
  { maxLength: 12 },
)

test('says what a walk through every ms says, in whatever order the spans came', () => {
  fc.assert(
    fc.property(spans, spans, (waits, holds) => {
      const found = poolContention(pool({ waits, holds }))
      const turned = pool({ waits: waits.toReversed(), holds: [...holds.toReversed(), ...holds] })
      const expected = slowContention(poolSpansOf(waits), poolSpansOf(holds))
      expect(poolContention(turned)).toEqual(found)
      expect(found?.waitMs ?? 0).toBe(expected.waitMs)
      expect(found?.unexplainedMs ?? 0).toBeCloseTo(expected.unexplainedMs, 9)
      expect(heldByStep(found)).toEqual(expected.heldByStep)
    }),
    { seed: 5, numRuns: 1_000 },
  )
})

function slowContention(waits: readonly PoolSpan[], holds: readonly PoolSpan[]) {
  const heldByStep = new Map<string, number>()
  let [waitMs, unexplainedMs] = [0, 0]
  for (const wait of waits) {
    for (let ns = wait.startUnixNs; ns < wait.endUnixNs; ns += MS_NS) {
      const open = holds.filter((hold) => hold.startUnixNs <= ns && ns < hold.endUnixNs)
      waitMs += 1
      if (open.length === 0) unexplainedMs += 1
      for (const { stepId = '' } of open) heldByStep.set(stepId, (heldByStep.get(stepId) ?? 0) + 1)
    }
  }
  return { waitMs, unexplainedMs, heldByStep: new Map([...heldByStep].sort()) }
}

function heldByStep(found: PoolContention | undefined): Map<string, number> {
  const rows = found?.holders.map(({ stepId = '', heldMs }) => [stepId, heldMs] as const) ?? []
  return new Map(rows.toSorted())
}

function pool({ waits, holds }: Pick<PoolSpans, 'waits' | 'holds'>): PoolSpans {
  return {
    tenant: 'default',
    pool: 'printers',
    waits,
    holds,
    forgottenHoldCount: 0,
    forgottenWaitCount: 0,
    forgottenUntilUnixNs: 0n,
  }
}

function span(
  flowId: string,
  stepId: string,
  [startMs, endMs]: readonly [number, number],
): PoolSpan {
  return {
    flowId,
    stepId,
    executionId: 'execution-0',
    spanId: `${flowId} ${stepId}`,
    startUnixNs: BigInt(startMs) * MS_NS,
    endUnixNs: BigInt(endMs) * MS_NS,
  }
}
