import { describe, expect, test } from 'vitest'
import type { Analyzer, AnalyzerOptions } from './analyzer.ts'
import { createAnalyzer } from './create-analyzer.ts'
import type { Finding } from './detect/finding.ts'
import { simulatedSpans } from './simulated-spans.ts'
import { normal, randomStream } from './stats/random-stream.ts'

const START_UNIX_NS = 1_700_000_000_000_000_000n

const CALL = { name: 'POST payments.example', kind: 'client' } as const

describe('what open findings and alerts name can be looked at', () => {
  // One second apart all but five enter at once; at 100 a second 500 wait, ten times as many as are kept besides.
  for (const gapMs of [1_000, 10])
    test(`as long as they are open, one execution in ${gapMs} ms`, () => {
      const shop = openShop({ gapMs })
      shop.sell(1_200)
      expect(shop.kindsOpen()).toEqual(['alert', 'bottleneck', 'recommendation', 'regression'])
      for (let round = 0; round < 6; round++) {
        shop.sell(99)
        expect(shop.deadIds()).toEqual([])
      }
      expect(shop.analyzer.losses().unjudged?.['evidence_limit']).toBeUndefined()
    })

  test('an alert that a user ended keeps what it names while it is listed', () => {
    const shop = openShop({ gapMs: 1_000 })
    shop.sell(600)
    const [alert] = shop.analyzer.alerts().alerts
    shop.analyzer.actOnAlert({ alertId: alert?.id ?? '', action: 'resolve', nowUnixNs: shop.now() })
    shop.sell(300)
    const [ended] = shop.analyzer.alerts().alerts
    expect(ended?.state).toBe('resolved')
    expect(ended?.evidence.executionIds.filter((id) => !shop.isKept(id))).toEqual([])
  })

  test('after a restart, once others like them were seen', () => {
    const before = openShop({ gapMs: 1_000 })
    before.sell(600)
    const after = before.restarted()
    expect(after.kindsOpen()).toEqual(before.kindsOpen())
    expect(after.evidenceOf('bottleneck').some(after.isKept)).toBe(false)
    after.sell(40)
    expect(after.evidenceOf('bottleneck').filter((id) => !after.isKept(id))).toEqual([])
    expect(after.evidenceOf('regression').filter((id) => !after.isKept(id))).toEqual([])
    expect(after.evidenceOf('recommendation').filter((id) => !after.isKept(id))).toEqual([])
  })

  test('what there is no room for is counted once, and the newest are kept all the same', () => {
    // A tenth may be executions in full, a quarter of that what findings name: one execution.
    const shop = openShop({ gapMs: 1_000, memoryBudgetBytes: 8_000 })
    shop.sell(700)
    const refusedCount = shop.analyzer.losses().unjudged?.['evidence_limit'] ?? 0
    expect(refusedCount).toBeGreaterThan(0)
    expect(refusedCount).toBeLessThan(200)
    expect(shop.isKept(`execution-${shop.soldCount() - 1}`)).toBe(true)
  })

  test('the same whatever the batches', () => {
    const told = [1, 7].map((batchCount) => {
      const shop = openShop({ gapMs: 1_000 })
      shop.sell(700, batchCount)
      return shop.analyzer.findings().map(({ id, evidence }) => ({ id, ...evidence }))
    })
    expect(told[0]?.length).toBeGreaterThan(2)
    expect(told[0]).toEqual(told[1])
  })
})

interface Shop {
  readonly analyzer: Analyzer
  sell(count: number, batchCount?: number): void
  now(): bigint
  soldCount(): number
  isKept(executionId: string): boolean
  /** Of what is open: an empty list means that all can be looked at. */
  deadIds(): string[]
  evidenceOf(kind: Finding['kind']): string[]
  kindsOpen(): string[]
  /** Another one that remembers what this one does. */
  restarted(): Shop
}

/** Orders whose payment takes most of the time, and twice as long from the 301st on. */
function openShop(
  plan: { readonly gapMs: number } & AnalyzerOptions,
  from = 0,
  snapshot?: ReturnType<Analyzer['snapshot']>,
): Shop {
  const { gapMs, ...options } = plan
  const random = randomStream(from + 1)
  const analyzer = createAnalyzer(options, snapshot)
  let index = from
  const now = () => START_UNIX_NS + BigInt(Math.round(index * gapMs * 1e6)) + 500_000_000n
  const isKept = (executionId: string) => analyzer.execution({ executionId }) !== undefined
  const open = () => analyzer.findings().filter(({ state }) => state === 'open')
  const openAlerts = () => analyzer.alerts().alerts.filter(({ state }) => state === 'open')
  return {
    analyzer,
    sell(count, batchCount = 1) {
      for (const end = index + count; index < end; ) {
        for (let one = 0; one < batchCount && index < end; one++, index++) {
          const noise = () => Math.exp(0.1 * normal(random))
          const payMs = (index < 300 ? 80 : 160) * noise()
          const steps = [
            { id: 'check', durationMs: 20 * noise() },
            { id: 'pay', durationMs: payMs, child: { ...CALL, durationMs: 0.9 * payMs } },
          ]
          const startUnixNs = START_UNIX_NS + BigInt(Math.round(index * gapMs * 1e6))
          analyzer.ingest(simulatedSpans({ index, startUnixNs, steps }), { nowUnixNs: now() })
        }
        analyzer.advance(now())
      }
    },
    now,
    soldCount: () => index,
    isKept,
    deadIds: () =>
      [
        ...open().flatMap(idsNamed),
        ...openAlerts().flatMap((one) => one.evidence.executionIds),
      ].filter((id) => !isKept(id)),
    evidenceOf: (kind) =>
      open().flatMap((one) => (one.kind === kind ? one.evidence.executionIds : [])),
    kindsOpen: () => [...new Set([...openAlerts(), ...open()].map(({ kind }) => kind))].sort(),
    restarted: () => openShop(plan, index, JSON.parse(JSON.stringify(analyzer.snapshot()))),
  }
}

function idsNamed(finding: Finding): readonly string[] {
  const { executionIds } = finding.evidence
  if (finding.kind !== 'regression') return executionIds
  const ofCauses = finding.causes.flatMap((cause) => cause.executionIds)
  return [...executionIds, ...ofCauses, finding.onsetExecutionId ?? 'none']
}
