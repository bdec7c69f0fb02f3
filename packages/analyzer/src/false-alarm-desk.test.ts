import { expect, test } from 'vitest'
import { falseAlarmReport, replayCalm } from './false-alarm-desk.ts'
import { type SimulatedFlow, simulateTenant } from './simulated-tenant.ts'

const settings = {
  enableDetection: true,
  falseAlarmBudgetExecutions: 10_000,
  minSampleSize: 30,
  alertThreshold: 0.1,
  windowSize: 20,
}
const flows: readonly SimulatedFlow[] = ['a', 'b'].map((flowId) => ({
  flowId,
  places: [{ stepId: 'one', phase: 'work', spanName: undefined, meanMs: 100 }],
}))
const second = (count: number) => BigInt(Math.round(count * 1e9))

test('ten executions a second are replayed, one flow after the other', () => {
  const { state } = simulateTenant({ seed: 1, flows, tickCount: 150 })
  expect(falseAlarmReport(state, settings, undefined)).toEqual({
    budgetExecutions: 10_000,
    replayed: undefined,
    verdicts: undefined,
    falsePositiveCount: 0,
  })
  for (let tick = 0; tick <= 600; tick += 1) replayCalm(state, second(tick), settings)
  const { replayed } = falseAlarmReport(state, settings, 'default')
  // The first thirty of each replay are learned.
  expect(replayed?.n).toBeGreaterThan(5_600)
  expect(replayed?.n).toBeLessThanOrEqual(6_000)
  expect(replayed?.high).toBeLessThan(0.002)
  expect(state.desk.roundCount).toBe(6)
  expect(falseAlarmReport(state, settings, 'other').replayed).toBeUndefined()
})

test('a hundred at a time, and no more when the clock leaps', () => {
  const { state } = simulateTenant({ seed: 1, flows, tickCount: 150 })
  const drawnCounts = [0, 86_400, 0, 9.9, 10, 19.9, 20].map((at) => {
    replayCalm(state, second(at), settings)
    return state.desk.current?.drawnCount
  })
  expect(drawnCounts).toEqual([undefined, 100, 100, 100, 200, 200, 300])
})

test('nothing is replayed of flows that are being learned, nor without detection', () => {
  const { state } = simulateTenant({ seed: 1, flows, tickCount: 60 })
  for (const at of [0, 1, 2]) replayCalm(state, second(at), settings)
  expect(state.desk.current).toBeUndefined()
  const { state: off } = simulateTenant({ seed: 1, flows, tickCount: 150 })
  for (const at of [0, 1, 2]) replayCalm(off, second(at), { ...settings, enableDetection: false })
  expect(off.desk.current).toBeUndefined()
})
