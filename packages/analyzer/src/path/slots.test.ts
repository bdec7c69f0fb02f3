import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Execution } from '../trace/execution.ts'
import type { DrawnPhases } from '../trace/trace-diagram.ts'
import { drawnExecution } from './generated-execution.ts'
import { durationWithout } from './resimulate.ts'
import { slotWaits } from './slots.ts'

test('each group by itself; who found a slot that was never used waited for nobody', () => {
  const turn = (startNs: number, turnNs: number, endNs: number) => ({ startNs, turnNs, endNs })
  const gaps = slotWaits([
    turn(0, 0, 6),
    turn(0, 0, 5),
    turn(0, 6, 10),
    turn(20, 20, 25),
    turn(20, 20, 26),
    turn(30, 30, 31),
    turn(30, 31, 32),
  ]).map((wait) => wait && [wait.group.slotCount, wait.gapNs])
  expect(gaps).toEqual([
    [2, undefined],
    [2, undefined],
    [2, 1],
    undefined,
    undefined,
    [1, undefined],
    [1, 0],
  ])
})

const lengths = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 9 })

test('a group takes as long as if it had run without the work: an oracle runs it', () => {
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 5 }), fc.nat(), (workNs, slotCount, pick) => {
      fc.pre(isOrderKnown(ranIn(workNs, slotCount)))
      const chosen = pick % workNs.length
      const without = workNs.map((ns, index) => (index === chosen ? 0 : ns))
      expect(
        durationWithout(groupExecution(workNs, slotCount), { stepId: `s${chosen}`, phase: 'work' }),
      ).toBe(endOf(ranIn(without, slotCount)))
    }),
    { numRuns: 2000, seed: 20261107 },
  )
})

interface Ran {
  readonly turnNs: number
  readonly endNs: number
}

/** Moment by moment: who is next starts as soon as fewer than `slotCount` run. */
function ranIn(workNs: readonly number[], slotCount: number): readonly Ran[] {
  const ran: Ran[] = []
  for (let nowNs = 0; ran.length < workNs.length; nowNs++) {
    const isFree = () => ran.filter(({ endNs }) => endNs > nowNs).length < slotCount
    while (ran.length < workNs.length && isFree())
      ran.push({ turnNs: nowNs, endNs: nowNs + (workNs[ran.length] ?? 0) })
  }
  return ran
}

/** Of two that left the queue at one instant nothing tells which came first; clocks of ns hardly ever do that. */
function isOrderKnown(ran: readonly Ran[]): boolean {
  const queued = ran.map(({ turnNs }) => turnNs).filter((turnNs) => turnNs > 0)
  return new Set(queued).size === queued.length
}

function endOf(ran: readonly Ran[]): number {
  return Math.max(...ran.map(({ endNs }) => endNs))
}

function groupExecution(workNs: readonly number[], slotCount: number): Execution {
  const ran = ranIn(workNs, slotCount)
  const bar = '='.repeat(endOf(ran))
  const rows = ran.map(({ endNs }, index) => `    step.s${index} ${'='.repeat(endNs)}`)
  const phases = ran.map(({ turnNs, endNs }, index): [string, DrawnPhases[string]] => [
    `s${index}`,
    { queue: turnNs, work: endNs - turnNs },
  ])
  return drawnExecution([`flow        ${bar}`, `  step.g    ${bar}`, ...rows].join('\n'), {
    g: { work: endOf(ran) },
    ...Object.fromEntries(phases),
  })
}
