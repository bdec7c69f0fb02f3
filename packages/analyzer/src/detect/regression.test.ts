import { describe, expect, test } from 'vitest'
import { median } from '../stats/median-change.ts'
import { type Draw, families, simulate, type ToldStep } from './simulated-flow.ts'

describe('false alarms', () => {
  test.each(Object.keys(families))('%s: within the budget of 1 in 10,000', (name) => {
    // 8 runs x 4,000 executions x 7 families = 224,000; half of them with five phases.
    const opened = seeds(8).flatMap((seed) => {
      const phases = draws(name, seed % 2 === 0 ? 1 : 5)
      return openings(simulate({ seed, count: 4_000, phases }).told)
    })
    // Mean 3.2 at the budget; more than 8 has a probability of 1 in 500 there.
    expect(opened.length).toBeLessThanOrEqual(8)
    totals.push(opened.length)
  })

  test('all families together stay below the budget', () => {
    const all = totals.reduce((sum, count) => sum + count, 0)
    expect(totals).toHaveLength(7)
    expect(all).toBeLessThanOrEqual(22.4)
  })

  const totals: number[] = []
})

describe('a change of level', () => {
  test.each([
    ['lognormal, CV 0.1', 60, 2, 12],
    ['lognormal, CV 0.1', 60, 1.25, 20],
    ['lognormal, CV 0.3', 60, 2, 15],
    ['lognormal, CV 0.3', 100, 4, 12],
    ['integer ms', 60, 2, 15],
    ['constant', 60, 2, 12],
    ['lognormal, CV 1', 100, 4, 25],
  ])('%s: after %i executions a factor of %f is told within %i', (name, count, factor, limit) => {
    const delays = seeds(20).map((seed) => {
      const alter = step({ at: count, factor })
      const { told } = simulate({ seed, count: count + 100, phases: draws(name, 1), alter })
      const first = openings(told).find(({ index }) => index >= count)
      return first === undefined ? Number.POSITIVE_INFINITY : first.index - count + 1
    })
    expect(median(delays)).toBeLessThanOrEqual(limit)
  })

  test('gives exactly one finding, with onset, effect and direction', () => {
    for (const seed of seeds(20)) {
      const alter = step({ at: 100, factor: 1.5 })
      const phases = draws('lognormal, CV 0.3', 3)
      const opened = openings(simulate({ seed, count: 400, phases, alter }).told)
      expect(opened).toHaveLength(1)
      const change = opened[0]?.change
      expect(change?.direction).toBe('regression')
      expect(Math.abs((change?.onset.sequence ?? 0) - 100)).toBeLessThanOrEqual(5)
      expect(change?.effect.ratio.low).toBeGreaterThan(0.1)
    }
  })

  test('carries the evidence that it was confirmed with: the budget at least', () => {
    for (const seed of seeds(10)) {
      const alter = step({ at: 100, factor: 1.5 })
      const { told } = simulate({ seed, count: 200, phases: draws('lognormal, CV 0.3', 1), alter })
      for (const { change } of openings(told))
        expect(change.logEvidence).toBeGreaterThanOrEqual(Math.log(10_000))
    }
  })

  test('one phase of five that doubles is told once, as a change of the flow', () => {
    const told = seeds(10).map((seed) => {
      const alter = step({ at: 100, factor: 4, phase: 2 })
      return openings(
        simulate({ seed, count: 300, phases: draws('lognormal, CV 0.3', 5), alter }).told,
      )
    })
    expect(told.map(({ length }) => length)).toEqual(seeds(10).map(() => 1))
  })

  test('of a quiet phase in a noisy flow is told as a change of that phase', () => {
    const noisy = families['lognormal, CV 1']?.() ?? (() => 0)
    const phases = [noisy, () => 20]
    const alter = step({ at: 100, factor: 2, phase: 1 })
    const opened = seeds(5).map((seed) =>
      openings(simulate({ seed, count: 160, phases, alter }).told),
    )
    expect(opened.map(([one]) => one?.change.series?.stepId)).toEqual(seeds(5).map(() => 'step-1'))
    expect(opened.map(({ length }) => length)).toEqual(seeds(5).map(() => 1))
  })

  test('that does not matter is never told, and mostly learned', () => {
    const learned = seeds(5).filter((seed) => {
      const alter = step({ at: 200, factor: 1.07 })
      const phases = draws('lognormal, CV 0.1', 1)
      const { told, counters } = simulate({ seed, count: 1_200, phases, alter })
      expect(openings(told)).toEqual([])
      return (counters['immaterial_change'] ?? 0) > 0
    })
    expect(learned.length).toBeGreaterThanOrEqual(4)
  })

  test('a single execution that takes ten times as long is none', () => {
    const alter = (ms: number, { index }: { index: number }) => (index === 80 ? 10 * ms : ms)
    for (const name of Object.keys(families)) {
      for (const seed of seeds(3)) {
        const { told } = simulate({ seed, count: 120, phases: draws(name, 1), alter })
        expect(openings(told).filter(({ index }) => index >= 80)).toEqual([])
      }
    }
  })

  test('of six executions in a row is a hiccup, but for bad luck before it', () => {
    const opened = seeds(20).filter((seed) => {
      const alter = step({ at: 100, factor: 5, until: 106 })
      const phases = draws('lognormal, CV 0.3', 2)
      return openings(simulate({ seed, count: 200, phases, alter }).told).length > 0
    })
    expect(opened.length).toBeLessThanOrEqual(1)
  })

  test('to the better is an improvement', () => {
    const alter = step({ at: 100, factor: 0.5 })
    const phases = draws('lognormal, CV 0.3', 1)
    const opened = openings(simulate({ seed: 3, count: 200, phases, alter }).told)
    expect(opened.map(({ change }) => change.direction)).toEqual(['improvement'])
  })

  test('that comes back is resolved and gives no second finding', () => {
    for (const seed of seeds(10)) {
      for (const length of [40, 120]) {
        const alter = step({ at: 100, factor: 2.5, until: 100 + length })
        const phases = draws('lognormal, CV 0.3', 2)
        const { told } = simulate({ seed, count: 320, phases, alter })
        const life = told.filter((one) => one.step !== 'updated')
        expect(life.map((one) => one.step)).toEqual(['opened', 'resolved'])
        expect(life[1]?.change.id).toBe(life[0]?.change.id)
        expect(life[1]?.index).toBeLessThan(100 + length + 45)
      }
    }
  })

  test('on top of another is a finding of its own, and one way back ends both', () => {
    const level = (index: number) => (index < 100 ? 1 : index < 200 ? 2 : index < 300 ? 4 : 1)
    const { told } = simulate({
      seed: 8,
      count: 400,
      phases: draws('lognormal, CV 0.3', 1),
      alter: (ms, { index }) => ms * level(index),
    })
    expect(openings(told)).toHaveLength(2)
    expect(told.filter((one) => one.step === 'resolved')).toHaveLength(2)
  })

  test('is learned before it is judged: nothing is told in the first executions', () => {
    const alter = step({ at: 15, factor: 3 })
    const phases = draws('lognormal, CV 0.1', 1)
    expect(simulate({ seed: 1, count: 30, phases, alter }).told).toEqual([])
  })
})

function openings(told: readonly ToldStep[]): ToldStep[] {
  return told.filter((one) => one.step === 'opened')
}

function draws(name: string, count: number): Draw[] {
  const family = families[name]
  if (family === undefined) throw new Error(`no family ${name}`)
  return Array.from({ length: count }, () => family())
}

function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => 101 + 17 * index)
}

function step(plan: { at: number; factor: number; until?: number; phase?: number }) {
  const { at, factor, until = Number.POSITIVE_INFINITY, phase } = plan
  return (ms: number, where: { index: number; phase: number }) => {
    const isIn = where.index >= at && where.index < until
    return isIn && (phase === undefined || phase === where.phase) ? ms * factor : ms
  }
}
