import { describe, expect, test } from 'vitest'
import type { Alert } from './explain/alert/alert.ts'
import { plain } from './plain.ts'
import { type SimulatedFlow, simulateTenant, type ToldChange } from './simulated-tenant.ts'

const PAYMENTS = 'POST payments.example'

/** Each calls payments and a partner of its own between steps of its own. */
const shops: readonly SimulatedFlow[] = ['checkout', 'refund', 'renewal', 'gift'].map((flowId) => ({
  flowId,
  places: [
    { stepId: 'check', phase: 'work', spanName: undefined, meanMs: 30 },
    { stepId: 'pay', phase: 'work', spanName: PAYMENTS, meanMs: 60 },
    { stepId: 'tell', phase: 'work', spanName: `POST ${flowId}.example`, meanMs: 40 },
    { stepId: 'store', phase: 'work', spanName: undefined, meanMs: 25 },
    { stepId: 'tidy', phase: 'ledger', spanName: undefined, meanMs: 5 },
  ],
}))

describe('one alert for each cause', () => {
  test('a dependency that three flows share', () => {
    const { told } = simulateTenant({
      seed: 1,
      flows: shops,
      tickCount: 160,
      slowerBy: ({ flowId, place, tick }) =>
        place.spanName === PAYMENTS && flowId !== 'gift' && tick >= 100 ? 3 : 1,
    })
    const [opened, ...others] = openedAlerts(told)
    expect(others).toEqual([])
    expect(opened?.cause).toEqual({ kind: 'dependency', name: PAYMENTS })
    const last = alerts(told).at(-1)
    expect([...(last?.flowIds ?? [])].sort()).toEqual(['checkout', 'refund', 'renewal'])
    expect(last?.sentence).toMatch(/^dependency POST payments.example: .*; also /)
  })

  test('two dependencies at once are two', () => {
    const { told } = simulateTenant({
      seed: 2,
      flows: shops,
      tickCount: 160,
      slowerBy: ({ flowId, place, tick }) => {
        if (tick < 100) return 1
        if (place.spanName === 'POST gift.example') return 4
        return place.spanName === PAYMENTS && flowId !== 'gift' ? 3 : 1
      },
    })
    const causes = openedAlerts(told).map(({ cause }) => cause.name)
    expect(causes.sort()).toEqual(['POST gift.example', PAYMENTS])
  })

  test('a slow machine is one, whatever the flows call', () => {
    const { told, state } = simulateTenant({
      seed: 3,
      flows: shops,
      tickCount: 160,
      slowerBy: ({ tick }) => (tick >= 100 ? 1.8 : 1),
    })
    const [opened, ...others] = openedAlerts(told)
    expect(others).toEqual([])
    expect(opened?.cause).toEqual({ kind: 'host', name: 'host' })
    expect(state.books.get('default')?.open[0]?.alert.flowIds).toHaveLength(4)
  })

  test('validation that grows in all steps of one flow is no slow machine', () => {
    const flows = ['sync', 'checkout'].map((flowId) => ({
      flowId,
      places: ['fetch', 'compare', 'publish'].flatMap((stepId) => [
        { stepId, phase: 'work' as const, spanName: undefined, meanMs: 40 },
        { stepId, phase: 'validation' as const, spanName: undefined, meanMs: 2 },
      ]),
    }))
    const { told } = simulateTenant({
      seed: 7,
      flows,
      tickCount: 160,
      slowerBy: ({ flowId, place, tick }) =>
        flowId === 'sync' && place.phase === 'validation' && tick >= 100 ? 25 : 1,
    })
    const [opened, ...others] = openedAlerts(told)
    expect(others).toEqual([])
    expect(opened).toMatchObject({ class: 'validation', flowIds: ['sync'] })
    expect(opened?.cause.kind).not.toBe('host')
    expect(opened?.sentence).not.toContain('host')
  })

  test.each([
    ['validation', 'phase', 'validation of all steps of sync'],
    ['resource_wait', 'phase', 'resource wait of all steps of sync'],
    ['ledger', 'ledger', 'ledger'],
  ] as const)(
    '%s that grows in all steps names all of them, never one by chance',
    (phase, kind, name) => {
      const places = ['fetch', 'compare', 'publish'].flatMap((stepId) => [
        { stepId, phase: 'work' as const, spanName: undefined, meanMs: 40 },
        { stepId, phase, spanName: undefined, meanMs: 2 },
      ])
      for (const seed of [1, 2, 3, 4, 5]) {
        const { told } = simulateTenant({
          seed,
          flows: [{ flowId: 'sync', places }],
          tickCount: 160,
          slowerBy: ({ place, tick }) => (place.phase === phase && tick >= 100 ? 25 : 1),
        })
        const [opened, ...others] = openedAlerts(told)
        expect(others).toEqual([])
        expect(opened?.cause).toMatchObject({ kind, name })
        expect(opened?.place).toMatchObject({ stepId: undefined, phase, spanName: undefined })
        expect(opened?.sentence).toContain(`of which ${phase.replace('_', ' ')} of all steps +`)
        expect(opened?.sentence).not.toMatch(/› |step (fetch|compare|publish)/)
      }
    },
  )

  test("a user's action is the same code in every flow, Qflow's own is not", () => {
    const withAction = (action: string) =>
      openedAlerts(
        simulateTenant({
          seed: 4,
          flows: shops.map((flow) => ({
            ...flow,
            places: flow.places.map((place) =>
              place.stepId === 'store' ? { ...place, action } : place,
            ),
          })),
          tickCount: 160,
          slowerBy: ({ flowId, place, tick }) =>
            place.stepId === 'store' && flowId !== 'gift' && tick >= 100 ? 4 : 1,
        }).told,
      )
    expect(withAction('store-order').map(({ cause }) => cause)).toEqual([
      { kind: 'action', name: 'store-order' },
    ])
    expect(withAction('qflow.action.transform')).toHaveLength(3)
  })

  test('healthy flows give none', () => {
    const { told } = simulateTenant({ seed: 5, flows: shops, tickCount: 300 })
    expect(openedAlerts(told)).toEqual([])
  })
})

test('what is told does not depend on how often all flows enter', () => {
  const toldBy = (tellEveryTicks: number) => {
    const { told, state } = simulateTenant({
      seed: 8,
      flows: shops.slice(0, 2),
      tickCount: 180,
      tellEveryTicks,
      slowerBy: ({ place, tick }) =>
        place.spanName === PAYMENTS && tick >= 80 && tick < 130 ? 4 : 1,
    })
    const changes = told.map(({ change, finding }) => ({ change, finding }))
    return JSON.stringify(plain({ changes, book: state.books.get('default') }))
  }
  const often = toldBy(1)
  expect(often).toContain('"alert"')
  expect(toldBy(7)).toBe(often)
  expect(toldBy(180)).toBe(often)
})

test('a cause that comes and goes stays one alert, and its returns are counted', () => {
  const { told } = simulateTenant({
    seed: 6,
    flows: shops.slice(0, 2),
    tickCount: 900,
    // 100 calm, then 100 slow, 100 calm, …
    slowerBy: ({ place, tick }) =>
      place.spanName === PAYMENTS && Math.floor(tick / 100) % 2 === 1 ? 4 : 1,
  })
  const all = alerts(told)
  expect(openedAlerts(told)).toHaveLength(1)
  expect(new Set(all.map(({ id }) => id)).size).toBe(1)
  expect(all.at(-1)?.reopenedCount).toBeGreaterThanOrEqual(2)
  // After the second return it is kept open instead of ending again and again.
  const ends = told.filter(
    ({ change, finding }) => finding.kind === 'alert' && change === 'resolved',
  )
  expect(ends.length).toBeLessThanOrEqual(2)
})

function openedAlerts(told: readonly ToldChange[]): Alert[] {
  return alerts(told.filter(({ change }) => change === 'opened'))
}

function alerts(told: readonly ToldChange[]): Alert[] {
  return told.flatMap(({ finding }) => (finding.kind === 'alert' ? [finding] : []))
}
