import { describe, expect, test } from 'vitest'
import { noCircumstances } from '../../baseline/circumstances.ts'
import { noFailures, noteFailure } from '../../baseline/failures.ts'
import { appendEntry, emptyHistory } from '../../baseline/history.ts'
import { noVariants } from '../../baseline/variants.ts'
import { normal, randomStream } from '../../stats/random-stream.ts'
import { emptyWatch } from '../regression-watch.ts'
import { simulationSettings as settings, simulatedObservation } from '../simulated-flow.ts'
import { beginReplay, type CalmFlow, type Replay, stepReplay } from './replay.ts'
import { countReplay, emptyTally, mergeTallies, replayedRate } from './replay-tally.ts'

function calmFlow(count: number): CalmFlow {
  const random = randomStream(1)
  const history = emptyHistory()
  for (let index = 0; index < count; index += 1) {
    const parts = [100 * Math.exp(0.3 * normal(random))]
    appendEntry(history, simulatedObservation({ seed: 1, index, parts }), {})
  }
  const [circumstances, variants] = [noCircumstances(), noVariants()]
  const failures = noFailures()
  return { key: 'order', history, failures, circumstances, variants, watch: emptyWatch() }
}

function replayed(
  round: number,
  count: number,
): { replay: Replay; drawn: number[]; ends: bigint[] } {
  const replay = beginReplay(calmFlow(200), round)
  if (replay === undefined) throw new Error('expected a flow that is calm')
  const [drawn, ends]: [number[], bigint[]] = [[], []]
  for (let index = 0; index < count; index += 1) {
    stepReplay(replay, settings)
    drawn.push(replay.at)
    ends.push(replay.memory.history.entries.at(-1)?.endUnixNs ?? 0n)
  }
  return { replay, drawn, ends }
}

describe('a replay', () => {
  test('keeps neighbours together, in blocks as long as what they know of each other', () => {
    const { drawn, replay } = replayed(0, 4_000)
    expect(replay.blockCount).toBeGreaterThanOrEqual(6)
    expect(replay.blockCount).toBeLessThan(12)
    const jumps = drawn.filter(
      (at, index) => index > 0 && at !== ((drawn[index - 1] ?? 0) + 1) % 200,
    )
    // A block may happen to begin where the last one ended.
    expect(jumps.length).toBeGreaterThan((0.95 * 4_000) / replay.blockCount)
    expect(jumps.length).toBeLessThanOrEqual(4_000 / replay.blockCount)
    expect(new Set(drawn).size).toBe(200)
  })

  test('goes on in time, by whole days from block to block', () => {
    const { ends, drawn } = replayed(0, 500)
    const own = calmFlow(200).history.entries
    for (const [index, end] of ends.entries()) {
      if (index > 0) expect(end).toBeGreaterThan(ends[index - 1] ?? 0n)
      const shift = end - (own[drawn[index] ?? 0]?.endUnixNs ?? 0n)
      expect(shift % 86_400_000_000_000n).toBe(0n)
    }
  })

  test('is decided by flow and round', () => {
    expect(replayed(3, 300).drawn).toEqual(replayed(3, 300).drawn)
    expect(replayed(3, 300).drawn).not.toEqual(replayed(4, 300).drawn)
  })

  test('counts what it judges, and begins anew after an alarm', () => {
    const { replay } = replayed(0, 1_000)
    expect(replay).toMatchObject({ judgedCount: 970, alarmCount: 0 })
    const hasty = beginReplay(calmFlow(200), 0)
    if (hasty === undefined) throw new Error('expected a flow that is calm')
    for (let index = 0; index < 3_000; index += 1)
      stepReplay(hasty, { ...settings, falseAlarmBudgetExecutions: 2, alertThreshold: 0.001 })
    expect(hasty.alarmCount).toBeGreaterThan(3)
    expect(hasty.judgedCount).toBeLessThanOrEqual(3_000 - 30 * hasty.alarmCount)
    expect(hasty.memory.history.entries.length).toBeLessThanOrEqual(256)
  })

  test('brings failures among the executions that they came among', () => {
    const flow = calmFlow(200)
    const failed = simulatedObservation({ seed: 2, index: 150, parts: [50] })
    noteFailure(flow.failures, failed, { nextSequence: 150 })
    const replay = beginReplay(flow, 0)
    expect(replay?.pool.map(({ kind }) => kind).indexOf('failed')).toBe(150)
    expect(replay?.pool).toHaveLength(201)
    for (let index = 0; replay && index < 4_000; index += 1) stepReplay(replay, settings)
    expect(replay?.memory.failures.count).toBeGreaterThan(0)
  })

  test('needs a hundred executions in which nothing is open or under test', () => {
    expect(beginReplay(calmFlow(99), 0)).toBeUndefined()
    const flow = calmFlow(200)
    flow.watch.detector.alarmSince = 180
    expect(beginReplay(flow, 0)).toBeUndefined()
  })
})

test('the rate is wider where some replays alarm again and again', () => {
  const rateOf = (counts: readonly number[]) => {
    const tally = emptyTally()
    for (const alarmCount of counts) countReplay(tally, { judgedCount: 2_000, alarmCount })
    return replayedRate(tally)
  }
  const even = rateOf([1, 1, 1, 1, 1, 1, 1, 1])
  const uneven = rateOf([8, 0, 0, 0, 0, 0, 0, 0])
  expect(even).toMatchObject({ value: 8 / 16_000, n: 16_000 })
  expect(uneven?.value).toBe(even?.value)
  expect(uneven?.high).toBeGreaterThan(1.5 * (even?.high ?? 1))
  expect(rateOf([])).toBeUndefined()
  const underWay = mergeTallies([], { judgedCount: 10, alarmCount: 0 })
  expect(replayedRate(underWay)).toMatchObject({ value: 0, low: 0, n: 10 })
})
