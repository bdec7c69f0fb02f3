import { expect, test } from 'vitest'
import { families, simulate, type ToldStep } from '../simulated-flow.ts'
import { changePoints } from './change-points.ts'

test.each([
  ['lognormal, CV 0.1', 1.5],
  ['lognormal, CV 0.1', 0.7],
  ['lognormal, CV 0.3', 2.5],
  ['constant', 1.5],
  ['integer ms', 3],
])(
  '%s x %f: online and over the same values afterwards, the change has the same onset',
  (name, factor) => {
    for (const seed of [3, 20, 37, 54, 71, 88]) {
      const { values, opened } = watched({ seed, name, factor })
      // Over what was known when it was told, and over everything that came later.
      const known = values.slice(0, opened.index + 1)
      for (const history of [known, values]) {
        const indices = changePoints(history).changePoints.map(({ index }) => index)
        expect(indices).toEqual([opened.change.onset.sequence])
      }
    }
  },
)

function watched({ seed, name, factor }: { seed: number; name: string; factor: number }): {
  values: readonly number[]
  opened: ToldStep
} {
  const draw = families[name]?.()
  if (draw === undefined) throw new Error(`no family ${name}`)
  const values: number[] = []
  const { told } = simulate({
    seed,
    count: 160,
    phases: [draw],
    alter: (ms, { index }) => {
      values.push(index < 100 ? ms : ms * factor)
      return values[index] as number
    },
  })
  // Chance may have told another before: the budget allows it.
  const [opened] = told.filter(({ step, index }) => step === 'opened' && index >= 100)
  if (opened === undefined) throw new Error('nothing was told')
  return { values, opened }
}
